package fix

import (
	"strings"

	"github.com/why403/why403/internal/node"
)

// CloudFormation returns resources of a template, in YAML, that say what the plan
// makes.
func (p *Plan) CloudFormation() string {
	return "Resources:\n" + p.written(func(st *step) string {
		kind, name, properties := p.cloudFormation(st)
		if properties == nil {
			return commented(p.commands(st))
		}
		n := node.Mapping().Put(words(name), node.Mapping().Put("Type", node.Text(kind)).Put("Properties", properties))
		return strings.TrimRight(string(node.AppendYAML(nil, n, 2)), "\n")
	})
}

// cloudFormation returns a resource's type, name and properties; none where no
// resource says what the step does.
func (p *Plan) cloudFormation(st *step) (kind, name string, properties *node.Node) {
	at := &st.place
	if at.kind == setting {
		return p.cloudFormationSetting(st)
	}
	doc := at.document(p.end)
	if doc == nil {
		return "", "", nil
	}
	n, _ := doc.Node()
	one := func(owner, value string) *node.Node { return node.Mapping().Put(owner, node.Text(value)) }
	switch at.kind {
	case bucketPolicy:
		return "AWS::S3::BucketPolicy", at.owner + " policy", one("Bucket", at.owner).Put("PolicyDocument", n)
	case accessPointPolicy:
		ap, _ := p.end.estate.AccessPoint(at.owner, at.account)
		return "AWS::S3::AccessPoint", at.owner, one("Name", at.owner).Put("Bucket", node.Text(ap.Bucket)).Put("Policy", n)
	case keyPolicy:
		return "AWS::KMS::Key", "key " + at.path[3], node.Mapping().Put("KeyPolicy", n)
	case endpointPolicy:
		v, _ := p.end.estate.VPCEndpoint(at.owner)
		return "AWS::EC2::VPCEndpoint", at.owner, one("ServiceName", v.Service).Put("VpcId", node.Text(v.VPC)).Put("PolicyDocument", n)
	case trustPolicy:
		return "AWS::IAM::Role", at.owner, one("RoleName", at.owner).Put("AssumeRolePolicyDocument", n)
	case userPolicy:
		return "AWS::IAM::UserPolicy", at.owner + " " + at.name, one("UserName", at.owner).Put("PolicyName", node.Text(at.name)).Put("PolicyDocument", n)
	case rolePolicy:
		return "AWS::IAM::RolePolicy", at.owner + " " + at.name, one("RoleName", at.owner).Put("PolicyName", node.Text(at.name)).Put("PolicyDocument", n)
	case groupPolicy:
		return "AWS::IAM::GroupPolicy", at.owner + " " + at.name, one("GroupName", at.owner).Put("PolicyName", node.Text(at.name)).Put("PolicyDocument", n)
	case managedPolicy, boundaryPolicy:
		m := one("ManagedPolicyName", at.name).Put("PolicyDocument", n)
		p.cloudFormationAttachment(st, m)
		return "AWS::IAM::ManagedPolicy", at.name, m
	case serviceControlPolicy, resourceControlPolicy:
		word := map[bool]string{true: "SERVICE_CONTROL_POLICY", false: "RESOURCE_CONTROL_POLICY"}[at.kind == serviceControlPolicy]
		m := one("Name", at.name).Put("Type", node.Text(word)).Put("Content", n)
		if target := p.target(st); target != "" {
			m.Put("TargetIds", node.List(node.Text(target)))
		}
		return "AWS::Organizations::Policy", at.name, m
	}
	return "", "", nil
}

// cloudFormationAttachment names the users and roles that a new managed policy is
// attached to; a boundary is named by the user or role itself.
func (p *Plan) cloudFormationAttachment(st *step, m *node.Node) {
	for _, c := range st.estate {
		if len(c.Path) >= 5 && c.Path[4] == "attached" {
			m.Put(map[string]string{"users": "Users", "roles": "Roles"}[c.Path[2]], node.List(node.Text(c.Path[3])))
		}
	}
}

func (p *Plan) cloudFormationSetting(st *step) (kind, name string, properties *node.Node) {
	b, _ := p.end.estate.Bucket(st.place.owner)
	if b == nil {
		return "", "", nil
	}
	m := node.Mapping().Put("BucketName", node.Text(b.Name))
	switch st.place.name {
	case "ownership":
		rule := node.Mapping().Put("ObjectOwnership", node.Text(b.ObjectOwnership()))
		m.Put("OwnershipControls", node.Mapping().Put("Rules", node.List(rule)))
	case "publicAccessBlock":
		pab := b.BlockPublicAccess()
		m.Put("PublicAccessBlockConfiguration", node.Mapping().Put("BlockPublicAcls", node.Flag(pab.BlockPublicAcls)).Put("IgnorePublicAcls", node.Flag(pab.IgnorePublicAcls)).
			Put("BlockPublicPolicy", node.Flag(pab.BlockPublicPolicy)).Put("RestrictPublicBuckets", node.Flag(pab.RestrictPublicBuckets)))
	case "encryption":
		e := b.DefaultEncryption()
		by := node.Mapping().Put("SSEAlgorithm", node.Text(e.Algorithm))
		if e.Key != "" {
			by.Put("KMSMasterKeyID", node.Text(e.Key))
		}
		rule := node.Mapping().Put("ServerSideEncryptionByDefault", by)
		m.Put("BucketEncryption", node.Mapping().Put("ServerSideEncryptionConfiguration", node.List(rule)))
	case "objectLock":
		m.Put("ObjectLockEnabled", node.Flag(true))
	default:
		return "", "", nil
	}
	return "AWS::S3::Bucket", b.Name, m
}
