// Bench drives an S3 endpoint with signed requests, and prints how many it answers,
// how fast, and what processor time they cost the server.
//
//	go run ./bench -endpoint http://127.0.0.1:4033 -access-key AKIA… -secret-key … -pid "$(pgrep -x why403)"
//
// It knows nothing of why403: any server that takes Signature Version 4 will do, so
// that several can be compared on the same disk in the same run.
//
// Every request is signed, over its payload too unless -unsigned is given, and made
// ready before the clock runs; connections are kept alive; answers are compared byte
// by byte with what was put. So the client costs little, and what is measured is the
// server. The bucket is made where it is missing. Objects stay, unless -clean is
// given.
//
// The phases, in their order (-phases chooses):
//
//	put4k get4k    objects of 4 KiB
//	list           pages of 1,000 keys (ListObjectsV2)
//	put8m get8m    objects of 8 MiB
//
// Each ends after -n requests or -t of time, whichever comes first. Percentiles are
// of the time from the first byte sent to the last received. With -pid (Linux) the
// time that the server's threads ran is divided by the requests of the phase.
//
// Exit status: 0; 1 where requests failed or were answered wrongly; 2 for wrong
// usage or an endpoint that cannot be used.
package main
