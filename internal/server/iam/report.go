package iam

import (
	"bytes"
	"encoding/csv"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/why403/why403/estate"
	"github.com/why403/why403/internal/server/awsapi"
	"github.com/why403/why403/internal/server/world"
)

// A report is when a credential report was asked for; what it says is made when it
// is fetched.
type report struct {
	Made time.Time `json:"made,omitzero"`
}

// reports are the credential reports of accounts, each under the name "".
var reports = world.NewKind[report]("credential-report")

// reportColumns are those of "Get credential reports for your AWS account" in the
// IAM User Guide.
var reportColumns = []string{
	"user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed", "password_next_rotation", "mfa_active",
	"access_key_1_active", "access_key_1_last_rotated", "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
	"access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date", "access_key_2_last_used_region", "access_key_2_last_used_service",
	"cert_1_active", "cert_1_last_rotated", "cert_2_active", "cert_2_last_rotated",
}

func generateCredentialReport(c *awsapi.Call, _ *sdk.GenerateCredentialReportInput) (*sdk.GenerateCredentialReportOutput, error) {
	out := &sdk.GenerateCredentialReportOutput{State: types.ReportStateTypeComplete}
	if r, ok := reports.Get(c.World(), c.AccountID(), ""); ok && c.Now().Sub(r.Made) < reportLife {
		return out, nil
	}
	out.State, out.Description = types.ReportStateTypeStarted, aws.String("No report exists. Starting a new report generation task")
	return out, c.World().Change(c.Context(), func(ch *world.Change) error {
		reports.Put(ch, c.AccountID(), "", report{c.Now()})
		return nil
	})
}

// reportLife is how long a report is current.
const reportLife = 4 * time.Hour

func getCredentialReport(c *awsapi.Call, _ *sdk.GetCredentialReportInput) (*sdk.GetCredentialReportOutput, error) {
	r, ok := reports.Get(c.World(), c.AccountID(), "")
	switch {
	case !ok:
		return nil, c.Errorf("ReportNotPresent", "Report not present")
	case c.Now().Sub(r.Made) >= reportLife:
		return nil, c.Errorf("ReportExpired", "Report has expired")
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b) // a Buffer does not fail
	w.Write(reportColumns)
	root, _ := world.Roots.Get(c.World(), c.AccountID(), "")
	account, _ := world.Accounts.Get(c.World(), c.AccountID(), "")
	w.Write(reportRow(c, "<root_account>", "arn:"+c.Partition()+":iam::"+string(c.AccountID())+":root", account.Created, "not_supported", len(root.MFADevices), root.AccessKeys, root.KeyCreated, ""))
	for name, u := range world.Users.All(c.World(), c.AccountID()) {
		_, password := logins.Get(c.World(), c.AccountID(), name)
		w.Write(reportRow(c, name, arnOf(c, "user", u.Path, name), u.Created, strconv.FormatBool(password), len(u.MFADevices), u.AccessKeys, u.KeyCreated, name))
	}
	w.Flush()
	return &sdk.GetCredentialReportOutput{Content: b.Bytes(), ReportFormat: types.ReportFormatTypeTextCsv, GeneratedTime: date(r.Made)}, nil
}

func reportRow(c *awsapi.Call, name, arn string, created time.Time, password string, devices int, keys map[string]*estate.AccessKey, made map[string]time.Time, owner string) []string {
	const none = "N/A"
	row := []string{name, arn, reportTime(created), password, none, none, none, strconv.FormatBool(devices > 0)}
	ids := slices.Sorted(maps.Keys(keys))
	for i := range maxKeys {
		if i >= len(ids) {
			row = append(row, "false", none, none, none, none)
			continue
		}
		used, region, service := none, none, none
		if use, ok := c.World().LastUse(ids[i]); ok {
			used, region, service = reportTime(use.At), use.Region, use.Service
		}
		row = append(row, strconv.FormatBool(keys[ids[i]].IsActive()), reportTime(made[ids[i]]), used, region, service)
	}
	b, _ := owned.Get(c.World(), c.AccountID(), owner)
	for i := range maxCertificates {
		if i >= len(b.Certificates) {
			row = append(row, "false", none)
			continue
		}
		row = append(row, strconv.FormatBool(!b.Certificates[i].Inactive), reportTime(b.Certificates[i].Created))
	}
	return row
}

func reportTime(t time.Time) string { return date(t).Format("2006-01-02T15:04:05+00:00") }
