// Package document reads the XML documents that configure buckets against a
// schema, and writes them as S3 does.
//
// A schema is a text: one element a line, indented below the element that holds
// it, with how often it stands and what it holds.
//
//	CORSConfiguration
//	  CORSRule 1..100
//	    ID ?
//	    AllowedMethod +
//	    MaxAgeSeconds ? int
//
// Occurrence is once where nothing is said, "?" at most once, "*" any number, "+"
// at least once, or "1..100". The kinds are text (where nothing is said), int,
// bool, date, "{}" for an element that holds nothing, and "= A B" for one of the
// words. Schemas follow the Amazon S3 API Reference and the public service model.
package document
