// Package page holds the shape of lists: bounded, with a total or a cursor.
package page

// Query is how a caller asks for one page. Embed it in a REST input.
type Query struct {
	Skip  int    `query:"skip" minimum:"0" maximum:"1000000" default:"0" doc:"How many to leave out from the start"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many to answer"`
	After string `query:"after" maxLength:"200" doc:"Cursor of a page before (next), for deep pages; skip is then ignored"`
}

// Of is one page of T.
type Of[T any] struct {
	Items []T    `json:"items" nullable:"false" doc:"The page, in the order asked for"`
	Total int    `json:"total" doc:"How many there are in all; -1 on a page asked for by cursor"`
	Skip  int    `json:"skip"`
	Limit int    `json:"limit"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; absent on the last"`
}
