package rest

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
)

// Dialect is how a family of routes speaks that follows a specification of somebody
// else: what every one of its answers carries, and what its errors look like. The
// pipeline's own refusals are said in it too.
type Dialect struct {
	// Greet sets the headers that every answer of the family has, before anything of
	// the request is judged. It answers the id by which the caller follows the exchange.
	Greet func(asked, answer http.Header) string
	// Say tells a problem in the family's own words.
	Say func(*Problem) Said
}

// Said is an error answer of any shape; its JSON is the body.
type Said interface {
	huma.StatusError
	ContentType(string) string
}

// Speaks declares an operation in a dialect.
func Speaks(d *Dialect) Option {
	return func(o *operation) { o.dialect = d }
}

// Correlator is the id by which the caller follows the exchange, where its dialect has
// one.
func Correlator(ctx context.Context) string { return RequestOf(ctx).Correlator }

// say tells a problem as the request's route does.
func (r *Request) say(p *Problem) Said {
	if r.Dialect == nil {
		return p
	}
	return r.Dialect.Say(p)
}

// describe tells the document what an error looks like in the operation's dialect.
func (o *operation) describe(registry huma.Registry) {
	if o.dialect == nil {
		return
	}
	example := o.dialect.Say(&Problem{Status: http.StatusInternalServerError})
	shape := reflect.TypeOf(example)
	for shape.Kind() == reflect.Pointer {
		shape = shape.Elem()
	}
	o.Responses = map[string]*huma.Response{"default": {Description: "Error", Content: map[string]*huma.MediaType{
		example.ContentType("application/json"): {Schema: registry.Schema(shape, true, shape.Name())},
	}}}
}
