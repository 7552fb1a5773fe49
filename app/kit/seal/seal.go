// Package seal keeps secrets out of the store: fields are encrypted with a key ring
// that lives beside it, and found again by keyed blind indexes.
//
// The ring is one file, owner only, made at first start with fresh keys. A sealed
// field names the key that sealed it, so keys can be added and old fields still open.
// A copy of the store without the ring holds no NIN, no BVN and no name.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Ring is the installation's keys. It is safe for concurrent use; it never changes
// after it was loaded.
type Ring struct {
	root    []byte
	current uint16
	boxes   map[uint16]cipher.AEAD
}

type file struct {
	Root string   `json:"root"` // base for derived keys, never rotated
	Keys []string `json:"keys"` // field keys, oldest first; the last one seals
}

// Load opens the ring at path, or makes it when there is none.
func Load(path string) (*Ring, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key ring: %w", err)
	}
	var f file
	if err := json.Unmarshal(raw, &f); err != nil {
		return nil, fmt.Errorf("the key ring %s is damaged; restore it from a backup: %w", path, err)
	}
	return open(f)
}

func create(path string) (*Ring, error) {
	f := file{Root: fresh(), Keys: []string{fresh()}}
	raw, err := json.Marshal(f)
	if err != nil {
		return nil, err
	}
	out, err := os.CreateTemp(filepath.Dir(path), ".keys-*")
	if err != nil {
		return nil, fmt.Errorf("make the key ring: %w", err)
	}
	defer os.Remove(out.Name())
	_, err = out.Write(raw)
	err = errors.Join(err, out.Sync(), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), path)
	}
	if err != nil {
		return nil, fmt.Errorf("make the key ring: %w", err)
	}
	return open(f)
}

func fresh() string {
	var k [32]byte
	_, _ = rand.Read(k[:])
	return fmt.Sprintf("%x", k)
}

func open(f file) (*Ring, error) {
	r := &Ring{boxes: map[uint16]cipher.AEAD{}}
	if _, err := fmt.Sscanf(f.Root, "%x", &r.root); err != nil || len(r.root) != 32 || len(f.Keys) == 0 {
		return nil, errors.New("the key ring is damaged; restore it from a backup")
	}
	for i, k := range f.Keys {
		var key []byte
		if _, err := fmt.Sscanf(k, "%x", &key); err != nil || len(key) != 32 {
			return nil, errors.New("the key ring is damaged; restore it from a backup")
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		box, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		r.current = uint16(i + 1)
		r.boxes[r.current] = box
	}
	return r, nil
}

// Seal encrypts a field. The context (such as "linkage") must be the same when it is
// opened: a sealed value moved to another kind of field does not open.
func (r *Ring) Seal(context string, plain []byte) []byte {
	box := r.boxes[r.current]
	out := make([]byte, 2, 2+box.Overhead()+len(plain))
	binary.BigEndian.PutUint16(out, r.current)
	return box.Seal(out, nil, plain, []byte(context))
}

// Open decrypts a field that [Ring.Seal] made.
func (r *Ring) Open(context string, sealed []byte) ([]byte, error) {
	if len(sealed) < 2 {
		return nil, errors.New("a sealed field is too short")
	}
	box, ok := r.boxes[binary.BigEndian.Uint16(sealed)]
	if !ok {
		return nil, errors.New("a field was sealed with a key that is not in the ring")
	}
	plain, err := box.Open(nil, nil, sealed[2:], []byte(context))
	if err != nil {
		return nil, errors.New("a sealed field does not open: it was changed, or belongs to another installation")
	}
	return plain, nil
}

// Derive is a key of n bytes for one purpose, the same at every start.
func (r *Ring) Derive(purpose string, n int) []byte {
	key, err := hkdf.Key(sha256.New, r.root, nil, "reconexus "+purpose, n)
	if err != nil {
		panic(err) // only for n over 8,160
	}
	return key
}

// Index is a keyed blind index: equal values of one purpose have equal indexes, and
// nobody without the ring can tell which value it was. 16 bytes.
type Index struct{ key []byte }

// Index makes the blind index of one purpose.
func (r *Ring) Index(purpose string) Index { return Index{r.Derive("index "+purpose, 32)} }

// Of is the index of a value.
func (x Index) Of(value string) []byte {
	h := hmac.New(sha256.New, x.key)
	h.Write([]byte(value))
	return h.Sum(nil)[:16]
}
