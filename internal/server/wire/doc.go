// Package wire is what every service of the endpoint needs to speak HTTP as AWS
// does: the raw query, request ids, error bodies, and times in their forms.
package wire
