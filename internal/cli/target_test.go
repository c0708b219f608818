package cli

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/why403/why403/internal/condition"
	"github.com/why403/why403/request"
)

func TestParseTarget(t *testing.T) {
	for _, test := range []struct {
		text string
		want target
		bad  bool
	}{
		{text: "s3://b", want: target{bucket: "b"}},
		{text: "s3://b/", want: target{bucket: "b"}},
		{text: "s3://b/k", want: target{bucket: "b", path: "k"}},
		{text: "s3://b//k", want: target{bucket: "b", path: "/k"}},
		{text: "s3://b/a b/%20?x#y", want: target{bucket: "b", path: "a b/%20?x#y"}},
		{text: "s3://b/folder/", want: target{bucket: "b", path: "folder/"}},
		{text: "s3://my-ap-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias/k", want: target{accessPoint: "my-ap-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias", path: "k"}},
		{text: "s3://arn:aws:s3:us-west-2:111122223333:accesspoint/my-ap/a/k", want: target{accessPoint: "arn:aws:s3:us-west-2:111122223333:accesspoint/my-ap", path: "a/k"}},
		{text: "arn:aws:s3:us-west-2:111122223333:accesspoint/my-ap/object/k", want: target{accessPoint: "arn:aws:s3:us-west-2:111122223333:accesspoint/my-ap", path: "k"}},
		{text: "arn:aws:s3:::b/k", want: target{bucket: "b", path: "k"}},
		{text: "arn:aws:s3:::b", want: target{bucket: "b"}},
		{text: "arn:aws:sqs:us-east-1:111122223333:queue", bad: true},
		{text: "s3://", bad: true},
		{text: "s3:///k", bad: true},
		{text: "https://b.s3.amazonaws.com/k", bad: true},
		{text: "b/k", bad: true},
	} {
		got, err := parseTarget(test.text)
		if got != test.want || (err != nil) != test.bad {
			t.Errorf("parseTarget(%q) = %+v, %v; want %+v, error %t", test.text, got, err, test.want, test.bad)
		}
	}
}

func TestContextValues(t *testing.T) {
	got, err := contextValues([]string{"aws:TagKeys=a", "aws:TagKeys=b=c", "aws:PrincipalOrgID=o-1", "aws:UserAgent=", "aws:SourceIp-", "aws:referer=null", "aws:CalledVia=athena.amazonaws.com"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]request.ContextValue{
		"aws:TagKeys":        {Value: condition.Strings("a", "b=c")},
		"aws:PrincipalOrgID": {Value: condition.String1("o-1")},
		"aws:UserAgent":      {Value: condition.String1("")},
		"aws:CalledVia":      {Value: condition.Strings("athena.amazonaws.com")}, // has many values by nature
		"aws:SourceIp":       {},
		"aws:referer":        {},
	}
	public := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type() == reflect.TypeFor[condition.Value]() },
		cmp.Comparer(func(a, b condition.Value) bool {
			return a.State == b.State && a.Multi == b.Multi && a.One == b.One && slices.Equal(a.List, b.List)
		}))
	if diff := cmp.Diff(want, got, public); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// Command lines that are shown can be pasted into a shell.
func TestCommandQuotes(t *testing.T) {
	got := command("explain", "--as", "arn:aws:iam::1:user/a", "s3://b/it's here", "")
	if want := `why403 explain --as arn:aws:iam::1:user/a 's3://b/it'\''s here' ''`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
