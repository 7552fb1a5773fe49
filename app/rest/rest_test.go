package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/julienschmidt/httprouter"

	"reconexus/app/access"
	"reconexus/app/kit/fault"
	"reconexus/app/rest"
)

type thing struct {
	ID  string `json:"id"`
	NIN string `json:"nin" maxLength:"11" pattern:"^[0-9]+$"`
}

type order struct {
	Color string `query:"color" enum:"red,green"`
	Body  struct {
		NIN   string `json:"nin" maxLength:"11" pattern:"^[0-9]+$"`
		Email string `json:"email,omitempty" format:"email"`
	}
}

func serve(t *testing.T, do func(context.Context, *order) (*thing, error)) http.Handler {
	t.Helper()
	router := httprouter.New()
	api := rest.New(router, rest.Options{Version: "1", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	rest.Post(api, "/things", access.SIMWrite, do, rest.Created(func(x *thing) string { return "/things/" + x.ID }))
	return router
}

func ask(h http.Handler, path, body string, who access.Principal) (*httptest.ResponseRecorder, rest.Problem) {
	r := httptest.NewRequest(http.MethodPost, rest.Base+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	ctx := rest.WithRequest(r.Context(), &rest.Request{ID: "req-1", Path: r.URL.Path})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(access.With(ctx, who)))
	var p rest.Problem
	_ = json.Unmarshal(w.Body.Bytes(), &p) // an answer that is no problem leaves it empty
	return w, p
}

var clerk = access.Principal{ID: "usr_1", Role: access.Operator, May: access.Operator.Permissions()}

func TestCreatedSaysWhere(t *testing.T) {
	h := serve(t, func(context.Context, *order) (*thing, error) { return &thing{ID: "x"}, nil })
	w, _ := ask(h, "/things", `{"nin":"123"}`, clerk)
	if w.Code != 201 || w.Header().Get("Location") != "/api/v1/things/x" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestRightComesBeforeTheBodyIsRead(t *testing.T) {
	h := serve(t, func(context.Context, *order) (*thing, error) { t.Error("it was done"); return nil, nil })
	for who, want := range map[*access.Principal]int{{}: 401, {ID: "usr_2", Role: access.Auditor, May: access.Auditor.Permissions()}: 403} {
		w, p := ask(h, "/things?color=black", `not JSON`, *who)
		if w.Code != want || p.Status != want || p.RequestID != "req-1" || p.Instance == "" {
			t.Errorf("%s: %d %+v", who.ID, w.Code, p)
		}
	}
}

// Class 25: what is wrong is said without repeating it.
func TestSecurity25RefusalsNeverRepeatTheValue(t *testing.T) {
	h := serve(t, func(context.Context, *order) (*thing, error) { t.Error("it was done"); return nil, nil })
	const canary = "98765432109876"
	for name, c := range map[string]struct {
		path, body string
		status     int
		code       fault.Kind
	}{
		"too long":          {"/things", `{"nin":"` + canary + `"}`, 422, fault.Invalid},
		"wrong form":        {"/things", `{"nin":"x` + canary + `"}`, 422, fault.Invalid},
		"wrong type":        {"/things", `{"nin":` + canary + `}`, 422, fault.Invalid},
		"unknown property":  {"/things", `{"nin":"1","more":"` + canary + `"}`, 422, fault.Invalid},
		"no e-mail":         {"/things", `{"nin":"1","email":"` + canary + `"}`, 422, fault.Invalid},
		"unknown parameter": {"/things?shade=" + canary, `{"nin":"1"}`, 422, fault.Invalid},
		"no such value":     {"/things?color=" + canary, `{"nin":"1"}`, 422, fault.Invalid},
		"broken JSON":       {"/things", `{"nin":"` + canary, 400, fault.Rejected},
		"no body":           {"/things", ``, 400, fault.Rejected},
	} {
		w, p := ask(h, c.path, c.body, clerk)
		if w.Code != c.status || p.Code != c.code || p.Detail == "" || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), canary) {
			t.Errorf("%s: the answer repeats the value: %s", name, w.Body)
		}
	}
}

func TestFaultsAndDefects(t *testing.T) {
	locked := fault.New(fault.Locked, "Come back later.")
	locked.After = 90 * time.Second
	for _, c := range []struct {
		err    error
		status int
		detail string
		after  string
	}{
		{locked, 423, "Come back later.", "90"},
		{fault.Wrong("nin", "FORMAT", "Eleven digits."), 422, "Eleven digits.", ""},
		{errors.New("pq: password authentication failed"), 500, "Something broke here", ""},
		{context.DeadlineExceeded, 503, "took too long", ""},
	} {
		h := serve(t, func(context.Context, *order) (*thing, error) { return nil, c.err })
		w, p := ask(h, "/things", `{"nin":"1"}`, clerk)
		if w.Code != c.status || !strings.Contains(p.Detail, c.detail) || w.Header().Get("Retry-After") != c.after {
			t.Errorf("%v: %d %v %s", c.err, w.Code, w.Header(), w.Body)
		}
	}
}
