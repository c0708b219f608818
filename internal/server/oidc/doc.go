// Package oidc verifies the tokens of OpenID Connect providers. The keys of a
// provider are given to the endpoint when it starts, and never fetched.
package oidc
