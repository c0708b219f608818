// Package redact replaces what identifies in an estate, so that it can be attached to
// a ticket: account ids, names of users, roles, groups, policies, buckets, objects,
// access points and units, ids, tags, addresses, Sids. One name has one pseudonym
// everywhere, in policies, conditions, variables, patterns and files, and decisions
// stay what they are.
//
// # Words
//
// A name is a row of words, which are letters or digits, and of what stands between.
// A word is spelled anew letter by letter, each by a permutation that hangs on the
// letters before it and on a secret of the run: words that begin alike still do, and
// no two words become one. So team-* still matches team-blue, and ? still stands for
// one letter. Where a pattern goes on in the middle of a word, as in *data, words are
// spelled anew from there. Lengths, and shared beginnings, can still be seen.
//
// # What stays
//
// AWS's own words: actions, operators, condition keys, services, Regions, settings,
// types of resources, AWS managed policies, service-linked and reserved roles. Secrets
// are left out altogether.
package redact
