package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
)

// paged answers each listing in two pages, of which the first may be empty, and each
// call first with the refusal of an API that is asked too often.
type paged struct {
	mu   sync.Mutex
	seen map[string]int
}

// throttles are the documented answers to who asks too often: IAM, EC2, S3, KMS and
// Organizations API References, Common Errors; S3 Error responses.
var throttles = map[string]struct {
	status int
	body   string
}{
	"iam":           {400, `<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`},
	"ec2":           {503, `<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error></Errors></Response>`},
	"s3":            {503, `<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`},
	"kms":           {400, `{"__type":"ThrottlingException","message":"Rate exceeded"}`},
	"organizations": {400, `{"__type":"TooManyRequestsException","Type":"TOO_MANY_REQUESTS","message":"too many"}`},
}

func (p *paged) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	service := strings.Split(r.Header.Get("Authorization"), "/")[3]
	asked := service + " " + r.Method + " " + r.URL.String() + " " + r.Header.Get("X-Amz-Target") + " " + string(body)
	p.mu.Lock()
	p.seen[asked]++
	first := p.seen[asked] == 1
	p.mu.Unlock()
	if t := throttles[service]; first {
		w.WriteHeader(t.status)
		fmt.Fprint(w, t.body)
		return
	}
	for _, a := range pages {
		if !slices.ContainsFunc(strings.Split(a.asked, " … "), func(part string) bool { return !strings.Contains(asked, part) }) {
			fmt.Fprint(w, a.answer)
			return
		}
	}
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprint(w, `<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
}

const page2 = "00000000-0000-0000-0000-0000000000p2"

// pages are answers, by the parts that a request holds: the later page before the
// first.
var pages = []struct{ asked, answer string }{
	{"GetAccountAuthorizationDetails … Marker=" + page2,
		`<R><GetAccountAuthorizationDetailsResult><IsTruncated>false</IsTruncated><UserDetailList><member><UserName>bob</UserName><Path>/</Path></member></UserDetailList></GetAccountAuthorizationDetailsResult></R>`},
	{"GetAccountAuthorizationDetails", `<R><GetAccountAuthorizationDetailsResult><IsTruncated>true</IsTruncated><Marker>` + page2 + `</Marker><UserDetailList><member><UserName>alice</UserName><Path>/</Path><GroupList><member>late</member></GroupList></member></UserDetailList></GetAccountAuthorizationDetailsResult></R>`},
	{"ListAccessKeys … Marker=" + page2 + " … UserName=alice", `<R><ListAccessKeysResult><IsTruncated>false</IsTruncated><AccessKeyMetadata><member><AccessKeyId>AKIA2</AccessKeyId><Status>Active</Status></member></AccessKeyMetadata></ListAccessKeysResult></R>`},
	{"ListAccessKeys … UserName=alice", `<R><ListAccessKeysResult><IsTruncated>true</IsTruncated><Marker>` + page2 + `</Marker><AccessKeyMetadata><member><AccessKeyId>AKIA1</AccessKeyId><Status>Active</Status></member></AccessKeyMetadata></ListAccessKeysResult></R>`},
	{"ListAccessKeys … UserName=bob", `<R><ListAccessKeysResult><IsTruncated>false</IsTruncated></ListAccessKeysResult></R>`},
	{"/? … continuation-token=" + page2, `<ListAllMyBucketsResult><Buckets><Bucket><Name>b2</Name><BucketRegion>eu-west-1</BucketRegion></Bucket></Buckets></ListAllMyBucketsResult>`},
	{"/?max-buckets", `<ListAllMyBucketsResult><Buckets><Bucket><Name>b1</Name><BucketRegion>us-east-1</BucketRegion></Bucket></Buckets><ContinuationToken>` + page2 + `</ContinuationToken></ListAllMyBucketsResult>`},
	{"/b1?encryption", `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>` + keyID + `</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`},
	{"/accesspoint? … nextToken=" + page2, `<ListAccessPointsResult><AccessPointList><AccessPoint><Name>ap2</Name><Bucket>b1</Bucket></AccessPoint></AccessPointList></ListAccessPointsResult>`},
	{"/accesspoint", `<ListAccessPointsResult><AccessPointList></AccessPointList><NextToken>` + page2 + `</NextToken></ListAccessPointsResult>`},
	{"NextToken=" + page2, `<R><vpcEndpointSet><item><vpcEndpointId>vpce-2</vpcEndpointId><serviceName>s</serviceName><policyDocument>{"Statement":[]}</policyDocument></item></vpcEndpointSet></R>`},
	{"DescribeVpcEndpoints", `<R><vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><serviceName>s</serviceName><policyDocument>{"Statement":[]}</policyDocument></item></vpcEndpointSet><nextToken>` + page2 + `</nextToken></R>`},
	{"TrentService.DescribeKey", `{"KeyMetadata":{"KeyId":"` + keyID + `","AWSAccountId":"111122223333","KeyState":"Enabled","KeyManager":"CUSTOMER"}}`},
	{"TrentService.ListGrants … Marker … " + page2, `{"Grants":[{"GrantId":"g2","GranteePrincipal":"arn:aws:iam::111122223333:user/bob","Operations":["Decrypt"]}]}`},
	{"TrentService.ListGrants", `{"Grants":[{"GrantId":"g1","GranteePrincipal":"arn:aws:iam::111122223333:user/alice","Operations":["Decrypt"]}],"Truncated":true,"NextMarker":"` + page2 + `"}`},
	{"TrentService.ListResourceTags … Marker … " + page2, `{"Tags":[{"TagKey":"b","TagValue":"2"}]}`},
	{"TrentService.ListResourceTags", `{"Tags":[{"TagKey":"a","TagValue":"1"}],"Truncated":true,"NextMarker":"` + page2 + `"}`},
	{"DescribeOrganization", `{"Organization":{"Id":"o-exampleorg01","MasterAccountId":"111122223333"}}`},
	{"ListRoots", `{"Roots":[{"Id":"r-ab12","PolicyTypes":[{"Type":"SERVICE_CONTROL_POLICY","Status":"ENABLED"}]}]}`},
	{"ListAccountsForParent … " + page2, `{"Accounts":[{"Id":"111122223333"}]}`},
	{"ListAccountsForParent", `{"Accounts":[],"NextToken":"` + page2 + `"}`},
	{"ListOrganizationalUnitsForParent", `{}`},
	{`ListPoliciesForTarget … "TargetId":"r-ab12" … ` + page2, `{"Policies":[{"Id":"p-1","Name":"Late"}]}`},
	{`ListPoliciesForTarget … "TargetId":"r-ab12"`, `{"Policies":[],"NextToken":"` + page2 + `"}`},
	{"ListPoliciesForTarget", `{"Policies":[{"Id":"p-FullAWSAccess","Name":"FullAWSAccess","AwsManaged":true}]}`},
	{"DescribePolicy", `{"Policy":{"Content":"{\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}}`},
}

const keyID = "1111aaaa-12ab-34cd-56ef-1234567890ab"

// Every listing is read to its end, an empty page in it included, and every call is
// made again that was refused for being made too often.
func TestPagesAndThrottling(t *testing.T) {
	server := httptest.NewServer(&paged{seen: map[string]int{}})
	defer server.Close()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIA", "secret", ""),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.RateLimiter, o.MaxAttempts = ratelimit.None, attempts
				o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
			})
		}}
	c := newCollector(context.Background(), &Session{config: cfg, Region: "us-east-1", Account: "111122223333"}, Scope{}, nil)
	c.collect()
	e, err := c.finish()
	if err != nil {
		t.Fatal(err)
	}
	a := e.Accounts["111122223333"]
	k := a.Keys[keyID]
	if k == nil {
		t.Fatalf("no key; unknown %+v", e.AllUnknowns())
	}
	for what, ok := range map[string]bool{
		"users": len(a.Users) == 2, "access keys": len(a.Users["alice"].AccessKeys) == 2, "buckets": len(a.Buckets) == 2, "VPC endpoints": len(a.VPCEndpoints) == 2,
		"grants": len(k.Grants) == 2, "tags of the key": len(k.Tags) == 2, "access points": a.Buckets["b1"] != nil && len(a.Buckets["b1"].AccessPoints) == 1,
		"the organization": a.OrganizationID == "o-exampleorg01", "its policies": e.Organizations["o-exampleorg01"] != nil && e.Organizations["o-exampleorg01"].Policies["Late"] != nil,
	} {
		if !ok {
			t.Errorf("%s are not whole; unknown %+v", what, e.AllUnknowns())
		}
	}
}

// The retries of a session wait longer each time, at random, and are bounded.
func TestBackOff(t *testing.T) {
	r := retryer()
	if n := r.MaxAttempts(); n != attempts {
		t.Errorf("%d attempts", n)
	}
	throttled := &smithy.GenericAPIError{Code: "Throttling"}
	if !r.IsErrorRetryable(throttled) || r.IsErrorRetryable(&smithy.GenericAPIError{Code: "AccessDenied"}) || r.IsErrorRetryable(errors.New("x")) {
		t.Error("what is asked again")
	}
	seen := map[time.Duration]bool{}
	longest := time.Duration(0)
	for range 50 {
		for attempt := 1; attempt < attempts; attempt++ {
			wait, err := r.RetryDelay(attempt, throttled)
			if err != nil || wait > 20*time.Second {
				t.Fatalf("%v %v", wait, err)
			}
			seen[wait], longest = true, max(longest, wait)
		}
	}
	if len(seen) < 300 || longest < 5*time.Second {
		t.Errorf("%d waits, the longest %v", len(seen), longest)
	}
}
