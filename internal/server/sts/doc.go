// Package sts is AWS Security Token Service, in the query protocol of version
// 2011-06-15 of its API.
//
// Whether a role may be assumed is the engine's to say: the trust policy, the
// caller's own policies and those of the organization are asked as for any other
// permission, and the decision is recorded. What it hands out are sessions of the
// world, which carry what later requests are decided by: session policies and
// tags, the second factor, the source identity, the identity provider.
package sts
