package rest

import (
	"strconv"
	"strings"

	"reconexus/app/kit/fault"
)

// IfMatch is embedded in the input of an update or a removal of something that has a
// version. Without the header the change is made to whatever is there.
type IfMatch struct {
	Tags string `header:"If-Match" maxLength:"200" doc:"ETag of what you saw: the change is refused with 412 when somebody else was faster"`
}

// Check refuses a change to a version other than the one that the caller saw.
func (m IfMatch) Check(version int) error {
	if m.Tags == "" || m.Tags == "*" {
		return nil
	}
	for tag := range strings.SplitSeq(m.Tags, ",") {
		if strings.TrimSpace(tag) == `"`+strconv.Itoa(version)+`"` {
			return nil
		}
	}
	return fault.New(fault.Stale, "This was changed by somebody else in the meantime; read it again and repeat your change on what is there now.")
}
