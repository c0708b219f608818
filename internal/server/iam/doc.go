// Package iam is AWS Identity and Access Management, in the query protocol of
// version 2010-05-08 of its API.
//
// What it changes are records of the world, and with them the estate: a policy
// that is attached here decides the next request. Its own calls are decided by the
// same engine. Texts of errors are IAM's.
//
// Users, groups and roles share many operations. Those are written once, over an
// [entity], and read and write the SDK's types by the names of their fields.
package iam
