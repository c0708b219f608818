// Package cloudtrail reads CloudTrail's records: the files of a trail, the answers
// of LookupEvents, EventBridge events, CloudWatch Logs, JSON lines, single records.
//
// The reader walks over the text once and takes out what decides a request; what
// it passes over it does not judge, and it builds no tree. Records of a shape that was
// met before are not even walked over (see shapes). Where only failed
// requests are wanted it does not even walk: it looks for "errorCode" by two of that
// name's letters and parses the records around. This rests on two things. A
// record that CloudTrail writes begins with eventVersion, and in JSON the text
// {"eventVersion" cannot stand inside of a string, so it is where a record begins;
// records that begin otherwise are walked over. And the name errorCode is written
// plainly, not with \u escapes.
package cloudtrail
