package users

import (
	"context"

	"reconexus/app/access"
)

// RoleView is a role with what it may do.
type RoleView struct {
	Role        access.Role         `json:"role"`
	What        string              `json:"what" doc:"Whom it is for"`
	Permissions []access.Permission `json:"permissions" nullable:"false"`
}

// RightView is a permission, or a scope of the industry's own interface, in words.
type RightView struct {
	Code string `json:"code"`
	What string `json:"what" doc:"What it opens"`
	Wide bool   `json:"wide" doc:"Reaches beyond one operator or bank, so their people cannot hold it"`
}

// Roles is the table of roles and permissions as the code has it.
type Roles struct {
	Items       []RoleView  `json:"items" nullable:"false" doc:"The roles, in the order of the contract"`
	Permissions []RightView `json:"permissions" nullable:"false" doc:"Everything that can be granted"`
	Scopes      []RightView `json:"scopes" nullable:"false" doc:"What an API key may have beside permissions: scopes of CAMARA"`
}

func getRoles(context.Context, *struct{}) (*Roles, error) {
	out := &Roles{Items: []RoleView{}, Permissions: []RightView{}, Scopes: []RightView{}}
	for _, r := range access.Roles() {
		out.Items = append(out.Items, RoleView{r, r.What(), r.Permissions()})
	}
	for _, p := range access.All() {
		out.Permissions = append(out.Permissions, RightView{string(p), p.What(), p.Wide()})
	}
	for _, s := range access.Industry() {
		out.Scopes = append(out.Scopes, RightView{string(s), s.What(), false})
	}
	return out, nil
}
