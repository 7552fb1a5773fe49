// Command bare is what the appliance is measured against: the least that could
// be done.
//
//	bare serve FILE    a point check as one handler on a bare router: it verifies a
//	                   token and does one prepared read of the table of tenures;
//	                   prints its address and a token
//	bare commit FILE   writes one row with one commit at a time for 5 seconds, into a
//	                   file of its own with the appliance's settings; prints rows a second
package main

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/julienschmidt/httprouter"
	_ "modernc.org/sqlite"
)

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "serve":
		err = serve(os.Args[2])
	case len(os.Args) == 3 && os.Args[1] == "commit":
		err = commit(os.Args[2])
	default:
		err = errors.New("use: bare serve FILE, or bare commit FILE")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

// The settings under which the appliance keeps its data.
const settings = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=temp_store(2)"

const (
	issuer   = "reconexus"
	audience = "reconexus-api"
	kid      = "kid_bare"
)

// checker answers point checks.
type checker struct {
	key  ed25519.PublicKey
	read *sql.Stmt
}

func serve(file string) error {
	db, err := sql.Open("sqlite", "file:"+file+settings+"&_pragma=query_only(1)&_pragma=cache_size(-6000)")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	read, err := db.Prepare(`SELECT generation, operator, from_day, to_day FROM tenure
		WHERE msisdn = ? AND retracted_at IS NULL ORDER BY generation DESC LIMIT 1`)
	if err != nil {
		return err
	}
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	token, err := issue(private)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s %s\n", listener.Addr(), token)
	router := httprouter.New()
	c := &checker{public, read}
	router.GET("/api/v1/identity/msisdn/:number/status", c.status)
	return http.Serve(listener, router)
}

type claims struct {
	jwt.RegisteredClaims
	Session string `json:"sid,omitempty"`
	Epoch   int64  `json:"epoch,omitempty"`
}

func issue(private ed25519.PrivateKey) (string, error) {
	now := time.Now()
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{Session: "ses_bare", Epoch: 1, RegisteredClaims: jwt.RegisteredClaims{
		Issuer: issuer, Audience: jwt.ClaimStrings{audience}, Subject: "usr_bare", ID: "one",
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour)),
	}})
	t.Header["typ"], t.Header["kid"] = "at+jwt", kid
	return t.SignedString(private)
}

func (c *checker) status(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if err := c.verify(token); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	msisdn, err := strconv.ParseInt(p.ByName("number"), 10, 64)
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	out := struct {
		MSISDN     int64  `json:"msisdn"`
		Generation int    `json:"generation"`
		Operator   string `json:"operator_code"`
		From       *int64 `json:"from"`
		To         *int64 `json:"to"`
	}{MSISDN: msisdn}
	if err := c.read.QueryRow(msisdn).Scan(&out.Generation, &out.Operator, &out.From, &out.To); err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

func (c *checker) verify(token string) error {
	_, err := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithStrictDecoding(),
	).ParseWithClaims(token, &claims{}, func(t *jwt.Token) (any, error) {
		if t.Header["kid"] != kid {
			return nil, errors.New("the token's key is not known")
		}
		return c.key, nil
	})
	return err
}

func commit(file string) error {
	db, err := sql.Open("sqlite", "file:"+file+settings)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE IF NOT EXISTS written (n INTEGER PRIMARY KEY, msisdn INTEGER NOT NULL, sim_serial TEXT NOT NULL, at INTEGER NOT NULL) STRICT`); err != nil {
		return err
	}
	write, err := db.Prepare(`INSERT INTO written (msisdn, sim_serial, at) VALUES (?, ?, ?)`)
	if err != nil {
		return err
	}
	const lasts = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), lasts)
	defer cancel()
	rows := 0
	for start := time.Now(); ctx.Err() == nil; rows++ {
		if _, err := write.Exec(2347030000000+rows, "8923430"+strconv.Itoa(rows), start.UnixMilli()); err != nil {
			return err
		}
	}
	fmt.Printf("%.0f\n", float64(rows)/lasts.Seconds())
	return nil
}
