package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// prefix begins a secret as Standard Webhooks writes it.
const prefix = "whsec_"

// newSecret is a fresh secret of 32 random bytes.
func newSecret() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails: crypto/rand ends the program instead
	return prefix + base64.StdEncoding.EncodeToString(key[:])
}

// Sign is the webhook-signature header of a message under each of the secrets, the
// newest first, divided by blanks: v1,… v1,….
func Sign(id string, at time.Time, body []byte, secrets ...string) string {
	var out []string
	for _, secret := range secrets {
		if key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, prefix)); err == nil {
			out = append(out, "v1,"+base64.StdEncoding.EncodeToString(mac(key, id, at, body)))
		}
	}
	return strings.Join(out, " ")
}

func mac(key []byte, id string, at time.Time, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	h.Write(body)
	return h.Sum(nil)
}

// Verify tells whether one of a header's signatures is that of the message under one of
// the secrets. How old a message may be is for the caller to say.
func Verify(header, id string, at time.Time, body []byte, secrets ...string) bool {
	good := false
	for _, secret := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, prefix))
		if err != nil || len(key) == 0 {
			continue
		}
		want := mac(key, id, at, body)
		for one := range strings.FieldsSeq(header) {
			version, text, _ := strings.Cut(one, ",")
			got, err := base64.StdEncoding.DecodeString(text)
			good = good || (version == "v1" && err == nil && hmac.Equal(got, want))
		}
	}
	return good
}
