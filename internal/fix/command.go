package fix

import (
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/node"
)

// awsCommand writes a command of the AWS CLI that a shell takes.
func awsCommand(args ...string) string {
	line := "aws"
	for _, a := range args {
		line += " " + quoted(a)
	}
	return line
}

func quoted(a string) string {
	if a == "" || strings.ContainsAny(a, " '\"\\$&|;<>()*?[]#~`!{}\t\n") {
		return "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
	}
	return a
}

// commands returns the commands of the AWS CLI that take a step, a line each.
func (p *Plan) commands(st *step) string {
	if st.command != "" || st.place.kind == theRequest || st.place.kind == setting {
		return st.command
	}
	doc := st.place.document(p.end)
	if doc == nil {
		return ""
	}
	n, _ := doc.Node()
	text := string(node.AppendJSON(nil, n))
	at := &st.place
	switch at.kind {
	case bucketPolicy:
		return awsCommand("s3api", "put-bucket-policy", "--bucket", at.owner, "--policy", text)
	case accessPointPolicy:
		return awsCommand("s3control", "put-access-point-policy", "--account-id", string(at.account), "--name", at.owner, "--policy", text)
	case keyPolicy:
		arn, _ := iam.ParseARN(at.owner)
		return awsCommand("kms", "put-key-policy", "--region", arn.Region, "--key-id", at.owner, "--policy-name", "default", "--policy", text)
	case endpointPolicy:
		return awsCommand("ec2", "modify-vpc-endpoint", "--vpc-endpoint-id", at.owner, "--policy-document", text)
	case trustPolicy:
		return awsCommand("iam", "update-assume-role-policy", "--role-name", at.owner, "--policy-document", text)
	case userPolicy:
		return awsCommand("iam", "put-user-policy", "--user-name", at.owner, "--policy-name", at.name, "--policy-document", text)
	case rolePolicy:
		return awsCommand("iam", "put-role-policy", "--role-name", at.owner, "--policy-name", at.name, "--policy-document", text)
	case groupPolicy:
		return awsCommand("iam", "put-group-policy", "--group-name", at.owner, "--policy-name", at.name, "--policy-document", text)
	case managedPolicy, boundaryPolicy:
		return p.managedCommands(st, text)
	case serviceControlPolicy, resourceControlPolicy:
		return p.orgCommands(st, text)
	case sessionPolicy:
		return p.sessionCommand(text)
	}
	return ""
}

// managedCommands change a managed policy, or make and attach a new one.
func (p *Plan) managedCommands(st *step, text string) string {
	at := &st.place
	a := p.end.estate.Accounts[at.account]
	arn := a.ManagedPolicies[at.name].ARN(a.Partition(), a.ID, at.name)
	if at.document(p.start) != nil {
		return awsCommand("iam", "create-policy-version", "--policy-arn", arn, "--set-as-default", "--policy-document", text)
	}
	lines := awsCommand("iam", "create-policy", "--policy-name", at.name, "--policy-document", text)
	for _, c := range st.estate {
		if len(c.Path) < 5 || c.Path[2] != "users" && c.Path[2] != "roles" {
			continue
		}
		kind := strings.TrimSuffix(c.Path[2], "s")
		switch c.Path[4] {
		case "attached":
			lines += "\n" + awsCommand("iam", "attach-"+kind+"-policy", "--"+kind+"-name", c.Path[3], "--policy-arn", arn)
		case "boundary":
			lines += "\n" + awsCommand("iam", "put-"+kind+"-permissions-boundary", "--"+kind+"-name", c.Path[3], "--permissions-boundary", arn)
		}
	}
	return lines
}

// orgCommands change a policy of the organization, which is found by its name, or
// make and attach a new one.
func (p *Plan) orgCommands(st *step, text string) string {
	at := &st.place
	kind := "SERVICE_CONTROL_POLICY"
	if at.kind == resourceControlPolicy {
		kind = "RESOURCE_CONTROL_POLICY"
	}
	id := `"$(aws organizations list-policies --filter ` + kind + ` --query "Policies[?Name=='` + at.name + `'].Id" --output text)"`
	if at.document(p.start) != nil {
		return "aws organizations update-policy --policy-id " + id + " --content " + quoted(text)
	}
	lines := awsCommand("organizations", "create-policy", "--type", kind, "--name", at.name, "--description", "made for why403", "--content", text)
	if target := p.target(st); target != "" {
		lines += "\naws organizations attach-policy --policy-id " + id + " --target-id " + target
	}
	return lines
}

// target is the unit, root or account that a new policy is attached to.
func (p *Plan) target(st *step) string {
	for _, c := range st.estate {
		if len(c.Path) < 4 || c.Path[0] != "organizations" || c.Path[2] != "root" {
			continue
		}
		target := p.start.estate.Organizations[c.Path[1]].Root.ID
		for i := 3; i+1 < len(c.Path); i++ {
			if c.Path[i] == "units" || c.Path[i] == "accounts" {
				target = c.Path[i+1]
			}
		}
		return target
	}
	return ""
}

// sessionCommand gets credentials with the session policy as it is to be.
func (p *Plan) sessionCommand(text string) string {
	c := &p.end.facts.Caller
	switch c.Kind {
	case iam.RoleSession:
		session := c.Session
		if session == "" {
			session = "SESSION"
		}
		return awsCommand("sts", "assume-role", "--role-arn", principalARN(c), "--role-session-name", session, "--policy", text)
	case iam.FederatedUser:
		return awsCommand("sts", "get-federation-token", "--name", c.Name, "--policy", text)
	}
	return ""
}

// tagCommand tags a user or role.
func tagCommand(k kind, owner, name, value string) string {
	word := "user"
	if k == rolePolicy {
		word = "role"
	}
	return awsCommand("iam", "tag-"+word, "--"+word+"-name", owner, "--tags", "Key="+name+",Value="+value)
}
