package server

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// client says where a request comes from.
type client struct {
	ip      netip.Addr
	address string // ip as text
	local   bool   // came over the appliance's own Unix socket
	direct  bool   // no proxy in between, as far as can be told
	secure  bool   // by TLS, at least up to a trusted proxy
	proxied bool   // the peer is a trusted proxy
}

type socketKey struct{}

// markSocket tells the requests of a Unix connection from those of the network. It is
// http.Server's ConnContext.
func markSocket(ctx context.Context, c net.Conn) context.Context {
	if c.LocalAddr().Network() == "unix" {
		return context.WithValue(ctx, socketKey{}, true)
	}
	return ctx
}

// locate finds the client. Forwarding headers count only from a trusted proxy: anybody
// else's word for its address is ignored. The last address in X-Forwarded-For that is
// no trusted proxy is the client, since everything before it is the client's word.
func (c *client) locate(r *http.Request, trusted []netip.Prefix) {
	c.secure = r.TLS != nil
	if r.RemoteAddr == "" || r.RemoteAddr[0] == '@' || r.RemoteAddr[0] == '/' {
		if local, _ := r.Context().Value(socketKey{}).(bool); local {
			*c = client{address: "local socket", local: true, direct: true, secure: true}
			return
		}
	}
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	c.ip = peer.Addr().Unmap().WithZone("")
	c.direct = !forwarded(r.Header)
	if len(trusted) > 0 && within(c.ip, trusted) {
		c.proxied, c.direct = true, false
		c.secure = c.secure || r.Header.Get("X-Forwarded-Proto") == "https"
		c.ip = behind(c.ip, r.Header["X-Forwarded-For"], trusted)
	}
	c.address = c.ip.String()
}

func forwarded(h http.Header) bool {
	return h["X-Forwarded-For"] != nil || h["Forwarded"] != nil || h["X-Real-Ip"] != nil || h["Via"] != nil
}

func behind(peer netip.Addr, headers []string, trusted []netip.Prefix) netip.Addr {
	for i := len(headers) - 1; i >= 0; i-- {
		rest := headers[i]
		for rest != "" {
			at := strings.LastIndexByte(rest, ',')
			ip, err := netip.ParseAddr(strings.TrimSpace(rest[at+1:]))
			if err != nil {
				return peer
			}
			peer = ip.Unmap().WithZone("")
			if !within(peer, trusted) {
				return peer
			}
			rest = rest[:max(at, 0)]
		}
	}
	return peer
}

func within(ip netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

// network is what an address is limited by: itself, or its /64 under IPv6, which is
// what one household or server is given.
func (c *client) network() string {
	if c.ip.Is4() || !c.ip.IsValid() {
		return c.address
	}
	p, _ := c.ip.Prefix(64)
	return p.String()
}

// loopback tells whether the request was made on this machine, by nobody's proxy.
func (c *client) loopback() bool { return c.local || (c.direct && c.ip.IsLoopback()) }

// Address is the client's address of a request that came through the pipeline, with
// trusted proxies taken into account.
func Address(r *http.Request) string {
	if x := of(r); x != nil {
		return x.address
	}
	return ""
}
