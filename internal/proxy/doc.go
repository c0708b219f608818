// Package proxy stands between a program and S3, and tells of every answer that
// refuses. There are two ways to stand there.
//
// A [Proxy] is where the program's AWS SDK is pointed by AWS_ENDPOINT_URL_S3. It
// forwards what the SDK sends, signed anew with the same credentials for the
// endpoint that the program would have called. A request is changed in nothing but
// its host and its signature; its answer in nothing at all.
//
// A [Forward] is what HTTPS_PROXY names. Connections to S3 end in it, by
// certificates of an [Authority] that lives as long as the program; the requests in
// them are signed for S3 itself and pass unchanged. All else is tunnelled.
//
// Bodies stream both ways.
package proxy
