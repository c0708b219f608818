package errortext

import (
	"regexp"
	"strings"

	"github.com/why403/why403/iam"
	"github.com/why403/why403/internal/reason"
)

// The sentence of AWS's refusals, without blanks:
//
//	User: ARN is not authorized to perform: ACTION on resource: RESOURCE REASON
var (
	opening = regexp.MustCompile(`(?i)(?:User:(.*?))?isnotauthorizedtoperform:(?-i:([a-z0-9-]+:[A-Z*][A-Za-z0-9]*?))(?:onresource|onthe|onthis|because|withan|[^A-Za-z0-9]|$)`)
	calling = regexp.MustCompile(`Anerroroccurred\(([\w.]+)\)whencallingthe(\w+?)operation`) // of the AWS CLI and boto3
	onWhat  = regexp.MustCompile(`(?i)^onresource:`)
	policy  = regexp.MustCompile(`arn:aws[a-z-]*:(?:iam|organizations)::[0-9a-z]*:policy/[\w+=,.@/-]+`)
	arn     = regexp.MustCompile(`arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9a-z]*:[^\s"'<>()]+`)
)

// wordings are the reasons of refusals, lower case and without blanks, and what
// they mean. The first that is found counts.
var wordings = []struct {
	text string
	Refusal
}{
	{"publicaclsareprevented", Refusal{iam.GatePublicAccessBlock, iam.KindSetting, reason.BlockPublicACLs}},
	{"publicpoliciesareprevented", Refusal{iam.GatePublicAccessBlock, iam.KindSetting, reason.BlockPublicPolicy}},
	{"hasblockeduploadrequeststhatspecifyserversideencryptionwithcustomer", Refusal{iam.GateEncryption, iam.KindSetting, reason.SSECBlocked}},
	{"ontheresourceassociatedwiththisciphertext", Refusal{iam.GateKMS, iam.KindImplicitDeny, reason.NoAllowKeyPolicy}},

	{"withanexplicitdenyinaservicecontrolpolicy", Refusal{iam.GateSCP, iam.KindExplicitDeny, reason.DenySCP}},
	{"withanexplicitdenyinaresourcecontrolpolicy", Refusal{iam.GateRCP, iam.KindExplicitDeny, reason.DenyRCP}},
	{"withanexplicitdenyinavpcendpointpolicytransitivelythroughaservicecontrolpolicy", Refusal{iam.GateSCP, iam.KindExplicitDeny, reason.DenySCP}},
	{"withanexplicitdenyinavpcendpointpolicy", Refusal{iam.GateVPCEndpoint, iam.KindExplicitDeny, reason.DenyVPCEndpoint}},
	{"withanexplicitdenyinapermissionsboundary", Refusal{iam.GateBoundary, iam.KindExplicitDeny, reason.DenyBoundary}},
	{"withanexplicitdenyinasessionpolicy", Refusal{iam.GateSession, iam.KindExplicitDeny, reason.DenySession}},
	{"withanexplicitdenyinasessionspolicy", Refusal{iam.GateSession, iam.KindExplicitDeny, reason.DenySession}},
	{"withanexplicitdenyinanidentity-basedpolicy", Refusal{iam.GateIdentity, iam.KindExplicitDeny, reason.DenyIdentity}},
	{"withanexplicitdenyinaresource-basedpolicy", Refusal{iam.GateBucketPolicy, iam.KindExplicitDeny, reason.DenyResourcePolicy}},
	{"withanexplicitdenyintheroletrustpolicy", Refusal{iam.GateBucketPolicy, iam.KindExplicitDeny, reason.DenyTrust}},

	{"becausenoservicecontrolpolicyallows", Refusal{iam.GateSCP, iam.KindImplicitDeny, reason.NoAllowSCP}},
	{"becausenovpcendpointpolicyallows", Refusal{iam.GateVPCEndpoint, iam.KindImplicitDeny, reason.NoAllowVPCEndpoint}},
	{"becausenopermissionsboundaryallows", Refusal{iam.GateBoundary, iam.KindImplicitDeny, reason.NoAllowBoundary}},
	{"becausenosessionpolicyallows", Refusal{iam.GateSession, iam.KindImplicitDeny, reason.NoAllowSession}},
	{"becausenosessionspolicyallows", Refusal{iam.GateSession, iam.KindImplicitDeny, reason.NoAllowSession}},
	{"becausenoidentity-basedpolicyallows", Refusal{iam.GateIdentity, iam.KindImplicitDeny, reason.NoAllowIdentity}},
	{"becausenoresource-basedpolicyallows", Refusal{iam.GateBucketPolicy, iam.KindImplicitDeny, reason.NoAllowResourcePolicy}},
	{"becausenoroletrustpolicyallows", Refusal{iam.GateBucketPolicy, iam.KindImplicitDeny, reason.NoAllowTrust}},

	{"requesthasexpired", Refusal{iam.GateSignature, iam.KindAuthentication, reason.PresignedExpired}},
	{"requestisnotyetvalid", Refusal{iam.GateSignature, iam.KindAuthentication, reason.PresignedNotYetValid}},
	{"therewereheaderspresentintherequestwhichwerenotsigned", Refusal{iam.GateSignature, iam.KindAuthentication, reason.UnsignedHeaders}},
	{"mfaauthenticationmustbeused", Refusal{iam.GateMFADelete, iam.KindSetting, reason.MFARequired}},
	{"objectprotectedbyobjectlock", Refusal{iam.GateObjectLock, iam.KindState, reason.Retention}},
	{"mustprovidethecorrectsecretkey", Refusal{iam.GateEncryption, iam.KindSetting, reason.SSECKeyWrong}},
}

// sentence reads who may not do what on which resource, and why.
func (m *Message) sentence(s squeezed) {
	m.Refusal = wording(s.text)
	if found := calling.FindStringSubmatch(s.text); found != nil {
		m.fill("code", found[1])
		m.fill("operation", found[2])
	}
	found := opening.FindStringSubmatchIndex(s.text)
	if found == nil {
		return
	}
	if found[2] >= 0 {
		m.Principal = lastARN(s.original(found[2], found[3]))
	}
	m.Action = s.text[found[4]:found[5]]
	end := m.object(s, found[5])
	m.PolicyARN = policy.FindString(s.paragraph(end))
	if m.Refusal == nil {
		return
	}
	m.Refusal = m.Refusal.of(m.Action)
}

func wording(text string) *Refusal {
	text = strings.ToLower(text)
	for _, w := range wordings {
		if strings.Contains(text, w.text) {
			r := w.Refusal
			return &r
		}
	}
	return nil
}

// of moves a refusal of a call of KMS to the gate kms.
func (r Refusal) of(action string) *Refusal {
	if strings.HasPrefix(action, "kms:") {
		switch r.Reason {
		case reason.NoAllowIdentity:
			r.Gate, r.Reason = iam.GateKMS, reason.NoAllowKMSIdentity
		case reason.NoAllowResourcePolicy:
			r.Gate, r.Reason = iam.GateKMS, reason.NoAllowKeyPolicy
		case reason.DenyResourcePolicy:
			r.Gate, r.Reason = iam.GateKMS, reason.DenyKeyPolicy
		}
	}
	return &r
}

// lastARN takes the ARN out of what stands behind "User:", where more may stand
// if the text names a user elsewhere too.
func lastARN(text string) string {
	all := arn.FindAllString(strings.Join(strings.Fields(text), ""), -1)
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// object reads the resource, from i on, and returns where it ends.
func (m *Message) object(s squeezed, i int) int {
	rest := s.text[i:]
	prefix := onWhat.FindString(rest)
	if prefix == "" {
		return i
	}
	begin := i + len(prefix)
	if strings.HasPrefix(s.text[begin:], `"`) {
		if n := strings.IndexByte(s.text[begin+1:], '"'); n >= 0 {
			m.Resource = s.original(begin+1, begin+1+n)
			return begin + n + 2
		}
	}
	end := len(s.text)
	for _, stop := range []string{"becauseno", "becausethe", "withanexplicitdeny", `"`, "<", "statuscode:", "(Service:", "Requestid:", "\x00"} {
		if n := strings.Index(s.text[begin:end], stop); n >= 0 {
			end = begin + n
		}
	}
	m.Resource = strings.TrimRight(arn.FindString(s.original(begin, end)), ".,;")
	if m.Resource == "" && strings.HasPrefix(s.text[begin:], "*") {
		m.Resource = "*"
	}
	return end
}
