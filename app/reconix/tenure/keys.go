package tenure

import (
	"encoding/binary"

	"github.com/dchest/siphash"

	"reconexus/app/kit/seal"
	"reconexus/app/reconix/holder"
)

// Keys makes holder tokens. Tokens of one installation say nothing in another.
type Keys struct {
	names    *holder.Names
	name     holder.Keyed
	id0, id1 uint64
	n0, n1   uint64
}

// NewKeys derives the token keys from the installation's ring.
func NewKeys(ring *seal.Ring) Keys {
	pair := func(purpose string) (uint64, uint64) {
		k := ring.Derive(purpose, 16)
		return binary.LittleEndian.Uint64(k), binary.LittleEndian.Uint64(k[8:])
	}
	k := Keys{names: holder.New(), name: holder.NewKeyed([16]byte(ring.Derive("holder name", 16)))}
	k.id0, k.id1 = pair("holder id")
	k.n0, k.n1 = pair("holder nin")
	return k
}

// Name is the holder that a subscriber name tells; scratch is reused for the
// canonical form and answered for the next call. A name without a letter is unknown.
func (k *Keys) Name(scratch, name []byte) (Holder, []byte) {
	scratch = k.names.Canonical(scratch[:0], name)
	if len(scratch) == 0 {
		return Holder{}, scratch
	}
	return Holder{Kind: Name, Token: int64(k.name.Token(scratch)), Names: Pack(k.name.Signature(scratch))}, scratch
}

// ID is the holder that the operator's own holder id tells.
func (k *Keys) ID(operator string, id []byte) Holder {
	return Holder{Kind: ID, Token: int64(siphash.Hash(k.id0, k.id1, append([]byte(operator+"\x00"), id...)))}
}

// NIN is the holder that a NIN of 11 digits tells. A NIN linkage has the same token.
func (k *Keys) NIN(digits []byte) Holder {
	return Holder{Kind: NIN, Token: int64(siphash.Hash(k.n0, k.n1, digits))}
}

// Pack puts a name's signature into one number.
func Pack(s holder.Signature) int64 {
	return int64(uint64(s[0]) | uint64(s[1])<<16 | uint64(s[2])<<32 | uint64(s[3])<<48)
}

func unpack(v int64) holder.Signature {
	u := uint64(v)
	return holder.Signature{uint16(u), uint16(u >> 16), uint16(u >> 32), uint16(u >> 48)}
}
