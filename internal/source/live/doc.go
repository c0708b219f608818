// Package live is where why403 meets live AWS, and the only one that knows the
// clients of the AWS SDK: the credentials that a program on this machine would
// use, and what can be read with them.
package live
