package fix

import (
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
)

// A form is how a plan is written down.
type Form string

// The forms of a plan.
const (
	CLI            Form = "cli"
	Terraform      Form = "terraform"
	CloudFormation Form = "cloudformation"
	Patch          Form = "patch"
	JSON           Form = "json"
)

// Forms are the forms, in the order in which help lists them.
var Forms = []Form{CLI, Terraform, CloudFormation, Patch, JSON}

// CLI returns the commands of the AWS CLI for all steps, under whose they are.
func (p *Plan) CLI() string {
	return p.written(func(st *step) string { return p.commands(st) })
}

// written joins what is written for each step. A step of the request, and one that
// has no writing, stands as a comment.
func (p *Plan) written(write func(*step) string) string {
	var b strings.Builder
	for i, st := range p.steps {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("# " + p.by(st) + st.title + "\n")
		if text := write(st); text != "" {
			b.WriteString(text + "\n")
		}
	}
	return b.String()
}

// by names who takes a step, where it is not the request's maker.
func (p *Plan) by(st *step) string {
	if st.place.account == "" {
		return ""
	}
	return "account " + string(st.place.account) + ": "
}

// Terraform returns resources of the AWS provider that say what the plan makes.
func (p *Plan) Terraform() string {
	return p.written(func(st *step) string {
		if st.place.kind == setting {
			return p.terraformSetting(st)
		}
		doc := st.place.document(p.end)
		if doc == nil || st.place.kind == sessionPolicy {
			return commented(p.commands(st))
		}
		n, _ := doc.Node()
		text := strings.ReplaceAll(string(node.AppendIndented(nil, n, "  ", "  ")), "${", "$${")
		return p.terraformPolicy(st, text)
	})
}

// commented shows commands where no resource says the same.
func commented(commands string) string {
	if commands == "" {
		return ""
	}
	return "# " + strings.ReplaceAll(commands, "\n", "\n# ")
}

func label(name string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' {
			return r
		}
		return '_'
	}, name)
	if out == "" || out[0] >= '0' && out[0] <= '9' || out[0] == '-' {
		out = "_" + out
	}
	return out
}

// block writes a resource: pairs of argument and value, in HCL.
func block(kind, name string, arguments ...string) string {
	width := 0
	for i := 0; i < len(arguments); i += 2 {
		width = max(width, len(arguments[i]))
	}
	out := "resource \"" + kind + "\" \"" + label(name) + "\" {\n"
	for i := 0; i < len(arguments); i += 2 {
		out += "  " + arguments[i] + strings.Repeat(" ", width-len(arguments[i])) + " = " + arguments[i+1] + "\n"
	}
	return out + "}"
}

func hcl(s string) string {
	return strings.ReplaceAll(string(node.AppendString(nil, s)), "${", "$${")
}

func (p *Plan) terraformPolicy(st *step, text string) string {
	at := &st.place
	text = "jsonencode(" + text + ")"
	switch at.kind {
	case bucketPolicy:
		return block("aws_s3_bucket_policy", at.owner, "bucket", hcl(at.owner), "policy", text)
	case accessPointPolicy:
		ap, _ := p.end.accessPointAt(at)
		return block("aws_s3control_access_point_policy", at.owner, "access_point_arn", hcl(ap), "policy", text)
	case keyPolicy:
		return block("aws_kms_key_policy", at.path[3], "key_id", hcl(at.owner), "policy", text)
	case endpointPolicy:
		return block("aws_vpc_endpoint_policy", at.owner, "vpc_endpoint_id", hcl(at.owner), "policy", text)
	case trustPolicy:
		return block("aws_iam_role", at.owner, "name", hcl(at.owner), "assume_role_policy", text)
	case userPolicy:
		return block("aws_iam_user_policy", at.owner+"_"+at.name, "name", hcl(at.name), "user", hcl(at.owner), "policy", text)
	case rolePolicy:
		return block("aws_iam_role_policy", at.owner+"_"+at.name, "name", hcl(at.name), "role", hcl(at.owner), "policy", text)
	case groupPolicy:
		return block("aws_iam_group_policy", at.owner+"_"+at.name, "name", hcl(at.name), "group", hcl(at.owner), "policy", text)
	case managedPolicy, boundaryPolicy:
		return block("aws_iam_policy", at.name, "name", hcl(at.name), "policy", text) + p.terraformAttachment(st)
	case serviceControlPolicy, resourceControlPolicy:
		kind := map[kind]string{serviceControlPolicy: "SERVICE_CONTROL_POLICY", resourceControlPolicy: "RESOURCE_CONTROL_POLICY"}[at.kind]
		out := block("aws_organizations_policy", at.name, "name", hcl(at.name), "type", hcl(kind), "content", text)
		if target := p.target(st); target != "" {
			out += "\n\n" + block("aws_organizations_policy_attachment", at.name, "policy_id", "aws_organizations_policy."+label(at.name)+".id", "target_id", hcl(target))
		}
		return out
	}
	return ""
}

// terraformAttachment attaches a new managed policy.
func (p *Plan) terraformAttachment(st *step) string {
	out := ""
	for _, c := range st.estate {
		if len(c.Path) < 5 || c.Path[2] != "users" && c.Path[2] != "roles" {
			continue
		}
		kind, owner, policy := strings.TrimSuffix(c.Path[2], "s"), c.Path[3], "aws_iam_policy."+label(st.place.name)+".arn"
		if c.Path[4] == "boundary" {
			out += "\n\n" + block("aws_iam_"+kind, owner, "name", hcl(owner), "permissions_boundary", policy)
			continue
		}
		out += "\n\n" + block("aws_iam_"+kind+"_policy_attachment", owner+"_"+st.place.name, kind, hcl(owner), "policy_arn", policy)
	}
	return out
}

// accessPointAt returns the ARN of the access point at a place.
func (s *state) accessPointAt(p *place) (string, bool) {
	ap, ok := s.estate.AccessPoint(p.owner, p.account)
	if !ok {
		return "", false
	}
	return ap.ARN(s.estate.Accounts[p.account].Partition()), true
}

// terraformSetting writes the settings that the provider has resources for.
func (p *Plan) terraformSetting(st *step) string {
	at := &st.place
	b, _ := p.end.estate.Bucket(at.owner)
	if at.name == "publicAccessBlock" && b == nil {
		pab := p.end.estate.Accounts[at.account].BlockPublicAccess()
		return block("aws_s3_account_public_access_block", string(at.account), blockArguments(pab, "account_id", hcl(string(at.account)))...)
	}
	if b == nil {
		return commented(p.commands(st))
	}
	bucket := []string{"bucket", hcl(b.Name)}
	nested := func(kind, inner string) string {
		return "resource \"" + kind + "\" \"" + label(b.Name) + "\" {\n  bucket = " + hcl(b.Name) + "\n\n" + inner + "}"
	}
	switch at.name {
	case "ownership":
		return nested("aws_s3_bucket_ownership_controls", "  rule {\n    object_ownership = "+hcl(b.ObjectOwnership())+"\n  }\n")
	case "publicAccessBlock":
		return block("aws_s3_bucket_public_access_block", b.Name, blockArguments(b.BlockPublicAccess(), bucket...)...)
	case "requestPayer":
		return block("aws_s3_bucket_request_payment_configuration", b.Name, append(bucket, "payer", hcl(b.RequestPayer))...)
	case "objectLock":
		return block("aws_s3_bucket_object_lock_configuration", b.Name, append(bucket, "object_lock_enabled", `"Enabled"`)...)
	case "acl":
		return block("aws_s3_bucket_acl", b.Name, append(bucket, "acl", `"private"`)...)
	case "encryption":
		e := b.DefaultEncryption()
		key := ""
		if e.Key != "" {
			key = "      kms_master_key_id = " + hcl(e.Key) + "\n"
		}
		return nested("aws_s3_bucket_server_side_encryption_configuration", "  rule {\n    apply_server_side_encryption_by_default {\n      sse_algorithm = "+hcl(e.Algorithm)+"\n"+key+"    }\n  }\n")
	}
	return commented(p.commands(st))
}

// Handover returns a text to forward for each account that has to do something:
// to its administrator, and to who makes the request ("").
func (p *Plan) Handover() []Letter {
	var letters []Letter
	for _, st := range p.steps {
		account := st.place.account
		i := -1
		for k := range letters {
			if letters[k].Account == account {
				i = k
			}
		}
		if i < 0 {
			letters = append(letters, Letter{Account: account, Text: p.opening(account)})
			i = len(letters) - 1
		}
		letters[i].Text += p.paragraph(st)
	}
	for i := range letters {
		letters[i].Text += p.closing()
	}
	return letters
}

// A Letter is what one account's administrator is asked for.
type Letter struct {
	Account iam.AccountID
	Text    string
}
