package ingest_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"github.com/why403/why403/internal/ingest"
	"github.com/why403/why403/internal/ingest/record"
)

// The tables below are as the Athena User Guide (Querying AWS CloudTrail logs), the S3
// User Guide (Querying access logs for requests by using Amazon Athena; Log format in
// CloudWatch Logs) and the CLI's reference (cloudtrail, logs and athena
// get-query-results) show them.
const (
	athenaTrail = `"eventversion","useridentity","eventtime","eventsource","eventname","awsregion","sourceipaddress","useragent","errorcode","errormessage","requestparameters","responseelements","additionaleventdata","requestid","eventid","resources"
"1.11","{type=AssumedRole, principalid=AROAX:s1, arn=arn:aws:sts::111122223333:assumed-role/app/s1, accountid=111122223333, invokedby=null, accesskeyid=ASIAX, username=null, sessioncontext={attributes={mfaauthenticated=true, creationdate=2026-11-22T09:50:00Z}, sessionissuer={type=Role, principalid=AROAX, arn=arn:aws:iam::111122223333:role/svc/app, accountid=111122223333, username=app}}}","2026-11-22T10:00:00Z","s3.amazonaws.com","GetObject","us-east-1","203.0.113.7","[aws-cli/2 ""x""]","AccessDenied","Access Denied","{""bucketName"":""b"",""key"":""data/a,b.csv"",""Host"":""h""}",,"{""AuthenticationMethod"":""AuthHeader""}","R1","e1","[{arn=arn:aws:s3:::b/data/a,b.csv, accountid=null, type=AWS::S3::Object}, {arn=arn:aws:s3:::b, accountid=111122223333, type=AWS::S3::Bucket}]"
`
	history = "\ufeffEvent ID,Event time,User name,Event name,Resource type,Resource name,AWS access key,AWS region,Error code,Source IP address,Event source,Request ID\n" +
		"e1,2026-11-22T10:00:00Z,alice,GetBucketPolicy,AWS::S3::Bucket,b,AKIAEXAMPLE0000ALICE,us-east-1,AccessDenied,203.0.113.7,s3.amazonaws.com,R1\n"
	athenaAccess = `"bucketowner","bucket_name","requestdatetime","remoteip","requester","requestid","operation","key","request_uri","httpstatus","errorcode","bytessent","objectsize","totaltime","turnaroundtime","referrer","useragent","versionid","hostid","sigv","ciphersuite","authtype","endpoint","tlsversion","accesspointarn","aclrequired"
"79a5","b","22/Nov/2026:10:00:00 +0000","203.0.113.7","arn:aws:sts::111122223333:assumed-role/app/s1","R1","REST.GET.OBJECT","data/a%252Cb.csv","""GET /data/a%2Cb.csv HTTP/1.1""","403","AccessDenied","243","-","9","-","""-""","""Boto3 ""x""""","-","h=","SigV4","x","AuthHeader","b.s3.us-east-1.amazonaws.com","TLSv1.3","-","-"
`
	watched   = `{"schema_version_id":"V_1_0","bucket_arn":"arn:aws:s3:::b","bucket_name":"b","request_time":"2026-11-22T10:00:00.123Z","bucket_owner_id":"79a5","remote_ip":"203.0.113.7","requester":"arn:aws:sts::111122223333:assumed-role/app/s1","request_id":"R1","operation":"REST.GET.OBJECT","key":"data/a%252Cb.csv","request_uri":"GET /data/a%2Cb.csv HTTP/1.1","http_status":403,"error_code":"AccessDenied","total_time":9,"referer":null,"user_agent":"Boto3","host_id":"h=","signature_version":"SigV4","cipher_suite":"x","authentication_type":"AuthHeader","host_header":"b.s3.us-east-1.amazonaws.com","tls_version":"TLSv1.3","access_point_arn":null,"acl_required":null,"source_region":null}`
	anonymous = `{"schema_version_id":"V_1_0","bucket_name":"b","request_time":"2026-11-22T10:00:00.000Z","bucket_owner_id":"79a5","remote_ip":null,"requester":null,"request_id":"R2","operation":"REST.HEAD.BUCKET","key":null,"request_uri":"HEAD / HTTP/1.1","http_status":200}`
	one       = `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice"},"eventTime":"2026-11-22T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","errorCode":"AccessDenied","requestParameters":{"bucketName":"b","key":"k"},"requestID":"R1"}`
)

// rows reads one file, compressed or not, and tells its records in a line each.
func rows(t *testing.T, text string, zipped, failedOnly bool) (records, bad []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "log")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if zipped {
		z := gzip.NewWriter(f)
		_, _ = z.Write([]byte(text))
		err = z.Close()
	} else {
		_, err = f.WriteString(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	tally := &ingest.Tally{}
	err = ingest.Run(t.Context(), &ingest.Sources{Paths: []string{path}}, ingest.Options{FailedOnly: failedOnly}, tally, func(int) func(*record.Record) error {
		return func(r *record.Record) error {
			who := string(r.Who.ARN) + string(r.Who.UserName)
			records = append(records, fmt.Sprint(r.Kind, " ", r.When().Format("15:04:05"), " ", r.Operation(), " ", string(r.Bucket), "/", string(r.Key), " by ", who, " mfa ", string(r.Who.MFA), " issuer ", string(r.Who.IssuerARN), " owner ", string(r.BucketOwner), " from ", string(r.SourceIP), " ", string(r.AuthMethod), " ", string(r.Error), " ", string(r.RequestID)))
			return nil
		}
	})
	if err != nil || tally.Records.Load() < int64(len(records)) {
		t.Fatalf("%d records counted of %d: %v", tally.Records.Load(), len(records), err)
	}
	for _, b := range tally.Shown() {
		bad = append(bad, strings.TrimPrefix(b, path))
	}
	return records, bad
}

func TestTables(t *testing.T) {
	quoted := func(s string) string { return fmt.Sprintf("%q", s) }
	const (
		trailRow  = "cloudtrail 10:00:00 GetObject b/data/a,b.csv by arn:aws:sts::111122223333:assumed-role/app/s1 mfa true issuer arn:aws:iam::111122223333:role/svc/app owner 111122223333 from 203.0.113.7 AuthHeader AccessDenied R1"
		userRow   = "cloudtrail 10:00:00 GetBucketPolicy b/ by alice mfa  issuer  owner  from 203.0.113.7  AccessDenied R1"
		accessRow = "access-log 10:00:00 GetObject b/data/a,b.csv by arn:aws:sts::111122223333:assumed-role/app/s1 mfa  issuer  owner 79a5 from 203.0.113.7 AuthHeader AccessDenied R1"
		plainRow  = "cloudtrail 10:00:00 GetObject b/k by arn:aws:iam::111122223333:user/alice mfa  issuer  owner  from   AccessDenied R1"
		nobody    = "access-log 10:00:00 HeadBucket b/ by  mfa  issuer  owner 79a5 from    R2"
	)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"CloudTrail in Athena", athenaTrail, []string{trailRow}},
		{"event history", history, []string{userRow}},
		{"access logs in Athena", athenaAccess, []string{accessRow}},
		{"access logs in CloudWatch", watched + "\n" + anonymous + "\n", []string{accessRow, nobody}},
		{"access logs through filter-log-events", `{"events":[{"timestamp":1,"message":` + quoted(watched) + `}]}`, []string{accessRow}},
		{"Logs Insights", `{"results":[[{"field":"@timestamp","value":"x"},{"field":"@message","value":` + quoted(one) + `}],[{"field":"@message","value":` + quoted(watched) + `}]],"status":"Complete"}`, []string{plainRow, accessRow}},
		{"CloudTrail Lake, rows", `{"QueryStatus":"FINISHED","QueryResultRows":[[{"eventName":"GetObject"},{"eventTime":"2026-11-22 10:00:00.000"},{"eventSource":"s3.amazonaws.com"},{"userIdentity":"{type=IAMUser, arn=arn:aws:iam::111122223333:user/alice}"},{"requestParameters":"{bucketName=b, key=k}"},{"errorCode":"AccessDenied"},{"requestID":"R1"}]]}`, []string{plainRow}},
		{"CloudTrail Lake, eventJson", `{"QueryStatus":"FINISHED","QueryResultRows":[[{"eventJson":` + quoted(one) + `}]]}`, []string{plainRow}},
		{"Athena's answer", `{"ResultSet":{"Rows":[{"Data":[{"VarCharValue":"eventname"},{"VarCharValue":"eventtime"},{"VarCharValue":"eventsource"},{"VarCharValue":"useridentity_arn"},{"VarCharValue":"bucketname"},{"VarCharValue":"key"},{"VarCharValue":"errorcode"},{"VarCharValue":"requestid"}]},{"Data":[{"VarCharValue":"GetObject"},{"VarCharValue":"2026-11-22T10:00:00Z"},{"VarCharValue":"s3.amazonaws.com"},{"VarCharValue":"arn:aws:iam::111122223333:user/alice"},{"VarCharValue":"b"},{"VarCharValue":"k"},{"VarCharValue":"AccessDenied"},{"VarCharValue":"R1"}]}]}}`, []string{plainRow}},
		{"JSON lines in lower case", `{"eventversion":"1.11","useridentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice"},"eventtime":"2026-11-22T10:00:00Z","eventsource":"s3.amazonaws.com","eventname":"GetObject","errorcode":"AccessDenied","requestparameters":"{\"bucketName\":\"b\",\"key\":\"k\"}","requestid":"R1"}`, []string{plainRow}},
		{"texts in a list", "[\n  " + quoted(one) + ",\n  " + quoted(one) + "\n]", []string{plainRow, plainRow}},
		{"what a trail delivers besides", `{"Records":[{"eventVersion":"1.07","eventType":"AwsCloudTrailInsight","eventCategory":"Insight","insightDetails":{"eventName":"GetObject"}},` + one + `]}` + "\n" + `{"awsAccountId":"1","digestS3Object":"x","logFiles":[]}`, []string{plainRow}},
	} {
		for _, zipped := range []bool{false, true} {
			got, bad := rows(t, c.text, zipped, false)
			if diff := cmp.Diff(c.want, got); diff != "" || bad != nil {
				t.Errorf("%s: complained %q\n%s", c.name, bad, diff)
			}
		}
		failed, _ := rows(t, c.text, false, true)
		if len(failed) != strings.Count(strings.Join(c.want, "\n"), "AccessDenied") {
			t.Errorf("%s, failed only: %q", c.name, failed)
		}
	}
}

// What is no row of a log is told by its place, and what follows is read.
func TestBadRows(t *testing.T) {
	got, bad := rows(t, history+"e2,too few\n"+strings.SplitAfter(history, "\n")[1]+`e3,2026-11-22T10:00:00Z,a,,,,,,,,,`+"\n", false, false)
	want := []string{":3:1: a row of 2 values under 12 columns", ":5:1: a row without eventName, or without the time and the operation of an access log"}
	if diff := cmp.Diff(want, bad); diff != "" || len(got) != 2 {
		t.Errorf("%d read\n%s", len(got), diff)
	}
}
