package audit

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"reconexus/app/kit/seal"
)

// Sign signs a text with the key that signs the log's heads, as
// golang.org/x/mod/sumdb/note does. The text's first line should say what it is: a head
// begins otherwise, so nothing else can be taken for one.
func (l *Log) Sign(text string) (string, error) {
	signed, err := note.Sign(&note.Note{Text: text}, l.signer)
	if err != nil {
		return "", fmt.Errorf("sign a text: %w", err)
	}
	return string(signed), nil
}

// Key is the public key that verifies what this installation signs.
func (l *Log) Key() string { return l.verifier }

// KeyOf is the public key of the installation with this ring.
func KeyOf(ring *seal.Ring) string {
	_, verifier := keys(ring)
	return verifier
}

// Opened is the text of a signed note, if the key signed it. It needs no network.
func Opened(signed []byte, key string) (string, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return "", errors.New("this is no public key; it looks like reconexus-audit+1a2b3c4d+AbCd…")
	}
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return "", errors.New("this key did not sign it, or it was changed after it was signed")
	}
	return n.Text, nil
}
