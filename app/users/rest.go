package users

import (
	"reconexus/app/access"
	"reconexus/app/rest"
)

// Register declares the routes of accounts and keys.
func Register(api *rest.API, s *Service) {
	// Whoever is signed in may read what the roles mean: it is in the contract and the
	// guide too, names nobody, and tells people what their own permissions are for.
	rest.Get(api, "/roles", access.SignedIn, getRoles, rest.Doc("What each role may do, and what each permission opens"))
	rest.Get(api, "/users", access.UserManage, s.getUsers, rest.Doc("List accounts, oldest first unless sort says otherwise"))
	rest.Post(api, "/users", access.UserManage, s.postUser, rest.Doc("Make an account"),
		rest.Created(func(v *MadeUser) string { return "/users/" + v.ID }), rest.ETag((*MadeUser).tag))
	rest.Get(api, "/users/{id}", access.UserManage, s.getUser, rest.Doc("Read an account"), rest.ETag((*View).tag))
	rest.Patch(api, "/users/{id}", access.UserManage, s.patchUser, rest.Doc("Change an account",
		"A change of rights, e-mail or password ends every session of the account."), rest.ETag((*View).tag))
	rest.Post(api, "/users/{id}/reset", access.UserManage, s.resetUser, rest.Doc("Give an account a made-up password",
		"It is in this answer only; every session of the account ends."))
	rest.Delete(api, "/users/{id}", access.UserManage, s.deleteUser, rest.Doc("Delete an account with its sessions"))

	rest.Get(api, "/api-keys", access.UserManage, s.getKeys, rest.Doc("List API keys, oldest first"))
	rest.Post(api, "/api-keys", access.UserManage, s.postKey, rest.Doc("Make an API key",
		"The key itself is in this answer only. Id and key are also client_id and client_secret at /oauth2/token."),
		rest.Created(func(v *MadeKey) string { return "/api-keys/" + v.ID }), rest.ETag((*MadeKey).tag))
	rest.Get(api, "/api-keys/{id}", access.UserManage, s.getKey, rest.Doc("Read an API key"), rest.ETag((*KeyView).tag))
	rest.Patch(api, "/api-keys/{id}", access.UserManage, s.patchKey, rest.Doc("Change an API key"), rest.ETag((*KeyView).tag))
	rest.Delete(api, "/api-keys/{id}", access.UserManage, s.deleteKey, rest.Doc("End an API key and every token it was given"))
}
