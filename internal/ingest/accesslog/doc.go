// Package accesslog reads S3 server access logs: lines of 18 to 27 fields and more,
// separated by spaces (S3 User Guide, Amazon S3 server access log format).
//
// Quotes inside of quoted fields are not escaped, the requester may hold spaces,
// and lines get torn, so a line is cut from both ends: what stands before the
// request URI from the left, the user agent's closing quote from the right.
package accesslog
