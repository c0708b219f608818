// Package sts answers GetCallerIdentity and AssumeRole of AWS Security Token
// Service, in the query protocol of version 2011-06-15 of its API.
package sts
