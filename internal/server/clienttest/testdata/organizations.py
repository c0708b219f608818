"""A session of boto3 with AWS Organizations: AWS_ENDPOINT_URL and the keys of the
estate's administrator, who makes an organization of its own, are in the environment.
It prints nothing and ends with status 0 when all is as on AWS."""

import json

import boto3
from botocore.exceptions import ClientError

MEMBER = "111122223333"


def client(service, key="AKIASOLO000000000001", secret="solo/Secret+Key0000000000000000000000001", **more):
    return boto3.client(service, aws_access_key_id=key, aws_secret_access_key=secret, **more)


def refused(code, message, call, reason=None, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        got = e.response["Error"]
        assert got["Code"] == code, (code, got)
        assert message in got["Message"], (message, got)
        assert e.response.get("Reason") == reason, e.response
        return e.response
    raise AssertionError(f"{call} {kwargs}: not refused with {code}")


org = client("organizations")

# Before there is an organization, and by whom it is not managed.
refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", org.describe_organization)
member = boto3.client("organizations")
assert member.describe_organization()["Organization"]["MasterAccountId"] == "999999999999"
refused("AccessDeniedException", "You don't have permissions to access this resource.", member.list_accounts)
refused("AlreadyInOrganizationException", "", member.create_organization)
nobody = client("organizations", "AKIANOBODY0000000001", "nobody/Secret+Key00000000000000000000001")
refused("AccessDeniedException", "organizations:DescribeOrganization", nobody.describe_organization)

# An organization.
made = org.create_organization(FeatureSet="ALL")["Organization"]
ME = made["MasterAccountId"]
assert made["Id"].startswith("o-") and made["FeatureSet"] == "ALL"
assert made["Arn"] == f"arn:aws:organizations::{ME}:organization/{made['Id']}"
assert made["MasterAccountArn"] == f"arn:aws:organizations::{ME}:account/{made['Id']}/{ME}"
refused("AlreadyInOrganizationException", "", org.create_organization)
root = org.list_roots()["Roots"][0]
ROOT = root["Id"]
assert root["PolicyTypes"] == [] and root["Arn"] == f"arn:aws:organizations::{ME}:root/{made['Id']}/{ROOT}"

# Units.
unit = org.create_organizational_unit(ParentId=ROOT, Name="prod", Tags=[{"Key": "a", "Value": "b"}])["OrganizationalUnit"]
PROD = unit["Id"]
assert PROD.startswith("ou-" + ROOT[2:] + "-") and unit["Name"] == "prod"
refused("DuplicateOrganizationalUnitException", "", org.create_organizational_unit, ParentId=ROOT, Name="prod")
refused("ParentNotFoundException", "", org.create_organizational_unit, ParentId="r-zzzz", Name="x")
inner = org.create_organizational_unit(ParentId=PROD, Name="web")["OrganizationalUnit"]["Id"]
assert org.list_parents(ChildId=inner)["Parents"] == [{"Id": PROD, "Type": "ORGANIZATIONAL_UNIT"}]
assert [u["Id"] for u in org.list_organizational_units_for_parent(ParentId=ROOT)["OrganizationalUnits"]] == [PROD]
org.update_organizational_unit(OrganizationalUnitId=inner, Name="www")
assert org.describe_organizational_unit(OrganizationalUnitId=inner)["OrganizationalUnit"]["Name"] == "www"
parent = inner
for name in "abc":
    parent = org.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]
refused("ConstraintViolationException", "", org.create_organizational_unit, reason="OU_DEPTH_LIMIT_EXCEEDED", ParentId=parent, Name="d")
refused("OrganizationalUnitNotEmptyException", "", org.delete_organizational_unit, OrganizationalUnitId=PROD)
assert org.list_tags_for_resource(ResourceId=PROD)["Tags"] == [{"Key": "a", "Value": "b"}]

# An account that can be used.
status = org.create_account(AccountName="web", Email="web@example.com", Tags=[{"Key": "team", "Value": "web"}])["CreateAccountStatus"]
assert status["State"] == "IN_PROGRESS" and status["Id"].startswith("car-")
status = org.describe_create_account_status(CreateAccountRequestId=status["Id"])["CreateAccountStatus"]
assert status["State"] == "SUCCEEDED" and len(status["AccountId"]) == 12
WEB = status["AccountId"]
again = org.create_account(AccountName="web", Email="WEB@example.com")["CreateAccountStatus"]["Id"]
assert org.describe_create_account_status(CreateAccountRequestId=again)["CreateAccountStatus"]["FailureReason"] == "EMAIL_ALREADY_EXISTS"
refused("CreateAccountStatusNotFoundException", "", org.describe_create_account_status, CreateAccountRequestId="car-" + "0" * 32)
account = org.describe_account(AccountId=WEB)["Account"]
assert account["Name"] == "web" and account["Email"] == "web@example.com" and account["Status"] == "ACTIVE" and account["JoinedMethod"] == "CREATED"
assert {a["Id"] for a in org.list_accounts()["Accounts"]} == {ME, WEB}
refused("AccountNotFoundException", "", org.describe_account, AccountId=MEMBER)
role = client("sts").assume_role(RoleArn=f"arn:aws:iam::{WEB}:role/OrganizationAccountAccessRole", RoleSessionName="s1")["Credentials"]
web = boto3.client("s3", aws_access_key_id=role["AccessKeyId"], aws_secret_access_key=role["SecretAccessKey"], aws_session_token=role["SessionToken"])
web.create_bucket(Bucket="why403-org-web")
web.put_object(Bucket="why403-org-web", Key="k", Body=b"hello")

# It moves.
org.move_account(AccountId=WEB, SourceParentId=ROOT, DestinationParentId=inner)
assert [a["Id"] for a in org.list_accounts_for_parent(ParentId=inner)["Accounts"]] == [WEB]
assert org.list_children(ParentId=inner, ChildType="ACCOUNT")["Children"] == [{"Id": WEB, "Type": "ACCOUNT"}]
refused("SourceParentNotFoundException", "", org.move_account, AccountId=WEB, SourceParentId=ROOT, DestinationParentId=PROD)
refused("DestinationParentNotFoundException", "", org.move_account, AccountId=WEB, SourceParentId=inner, DestinationParentId="ou-zzzz-zzzzzzzz")
refused("DuplicateAccountException", "", org.move_account, AccountId=WEB, SourceParentId=inner, DestinationParentId=inner)

# Service control policies decide at once.
deny = json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "NoReading", "Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}]})
scp = org.create_policy(Name="no-reading", Description="d", Type="SERVICE_CONTROL_POLICY", Content=deny)["Policy"]
SCP = scp["PolicySummary"]["Id"]
assert scp["Content"] == deny and scp["PolicySummary"]["Arn"] == f"arn:aws:organizations::{ME}:policy/{made['Id']}/service_control_policy/{SCP}"
refused("PolicyTypeNotEnabledException", "", org.attach_policy, PolicyId=SCP, TargetId=PROD)
assert org.enable_policy_type(RootId=ROOT, PolicyType="SERVICE_CONTROL_POLICY")["Root"]["PolicyTypes"] == [
    {"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
refused("PolicyTypeAlreadyEnabledException", "", org.enable_policy_type, RootId=ROOT, PolicyType="SERVICE_CONTROL_POLICY")
assert web.get_object(Bucket="why403-org-web", Key="k")["Body"].read() == b"hello"
org.attach_policy(PolicyId=SCP, TargetId=PROD)
refused("AccessDenied", "with an explicit deny in a service control policy", web.get_object, Bucket="why403-org-web", Key="k")
refused("DuplicatePolicyAttachmentException", "", org.attach_policy, PolicyId=SCP, TargetId=PROD)
assert [p["Name"] for p in org.list_policies_for_target(TargetId=PROD, Filter="SERVICE_CONTROL_POLICY")["Policies"]] == ["FullAWSAccess", "no-reading"]
assert org.list_targets_for_policy(PolicyId=SCP)["Targets"] == [
    {"TargetId": PROD, "Arn": unit["Arn"], "Name": "prod", "Type": "ORGANIZATIONAL_UNIT"}]
assert {t["TargetId"] for t in org.list_targets_for_policy(PolicyId="p-FullAWSAccess")["Targets"]} >= {ROOT, PROD, inner, WEB, ME}
refused("PolicyInUseException", "", org.delete_policy, PolicyId=SCP)
org.update_policy(PolicyId=SCP, Name="renamed", Content=deny.replace("GetObject", "PutObject"))
assert web.get_object(Bucket="why403-org-web", Key="k")["Body"].read() == b"hello"
refused("AccessDenied", "service control policy", web.put_object, Bucket="why403-org-web", Key="k")
assert [p["Name"] for p in org.list_policies_for_target(TargetId=PROD, Filter="SERVICE_CONTROL_POLICY")["Policies"]] == ["FullAWSAccess", "renamed"]
org.detach_policy(PolicyId="p-FullAWSAccess", TargetId=PROD)
refused("AccessDenied", "no service control policy allows", web.get_object, Bucket="why403-org-web", Key="k")
refused("ConstraintViolationException", "", org.detach_policy, reason="MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED", PolicyId=SCP, TargetId=PROD)
org.attach_policy(PolicyId="p-FullAWSAccess", TargetId=PROD)
org.detach_policy(PolicyId=SCP, TargetId=PROD)
refused("PolicyNotAttachedException", "", org.detach_policy, PolicyId=SCP, TargetId=PROD)
web.put_object(Bucket="why403-org-web", Key="k", Body=b"hello")

# What may not be.
refused("DuplicatePolicyException", "", org.create_policy, Name="renamed", Description="", Type="SERVICE_CONTROL_POLICY", Content=deny)
refused("MalformedPolicyDocumentException", "", org.create_policy, Name="x", Description="", Type="SERVICE_CONTROL_POLICY", Content="{}")
refused("MalformedPolicyDocumentException", "", org.create_policy, Name="x", Description="", Type="SERVICE_CONTROL_POLICY",
        Content=deny.replace('"Effect"', '"Principal": "*", "Effect"'))
refused("MalformedPolicyDocumentException", "", org.create_policy, Name="x", Description="", Type="RESOURCE_CONTROL_POLICY", Content=deny)
refused("ConstraintViolationException", "", org.create_policy, reason="POLICY_CONTENT_LIMIT_EXCEEDED", Name="x", Description="",
        Type="SERVICE_CONTROL_POLICY", Content=deny + " " * 11000)
refused("InvalidInputException", "", org.delete_policy, reason="IMMUTABLE_POLICY", PolicyId="p-FullAWSAccess")
refused("PolicyNotFoundException", "", org.describe_policy, PolicyId="p-00000000")
refused("TargetNotFoundException", "", org.attach_policy, PolicyId=SCP, TargetId=MEMBER)
assert org.describe_policy(PolicyId="p-FullAWSAccess")["Policy"]["PolicySummary"]["AwsManaged"] is True

# Resource control policies.
rcp = org.create_policy(Name="no-listing", Description="", Type="RESOURCE_CONTROL_POLICY", Content=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Principal": "*", "Action": "s3:ListBucket", "Resource": "*"}]}))["Policy"]["PolicySummary"]["Id"]
org.enable_policy_type(RootId=ROOT, PolicyType="RESOURCE_CONTROL_POLICY")
assert [p["Id"] for p in org.list_policies(Filter="RESOURCE_CONTROL_POLICY")["Policies"]] == ["p-RCPFullAWSAccess", rcp]
org.attach_policy(PolicyId=rcp, TargetId=WEB)
refused("AccessDenied", "with an explicit deny in a resource control policy", web.list_objects_v2, Bucket="why403-org-web")
org.disable_policy_type(RootId=ROOT, PolicyType="RESOURCE_CONTROL_POLICY")
web.list_objects_v2(Bucket="why403-org-web")
org.delete_policy(PolicyId=rcp)

# S3 policies: Block Public Access for all accounts under a unit.
org.enable_policy_type(RootId=ROOT, PolicyType="S3_POLICY")
bpa = org.create_policy(Name="closed", Description="", Type="S3_POLICY", Content=json.dumps(
    {"s3_attributes": {"public_access_block_configuration": {"@@assign": "all"}}}))["Policy"]["PolicySummary"]["Id"]
refused("MalformedPolicyDocumentException", "", org.create_policy, Name="x", Description="", Type="S3_POLICY",
        Content='{"s3_attributes": {"public_access_block_configuration": {"@@assign": "some"}}}')
web.delete_public_access_block(Bucket="why403-org-web")
public = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                                                             "Resource": "arn:aws:s3:::why403-org-web/*"}]})
web.put_bucket_policy(Bucket="why403-org-web", Policy=public)
other = boto3.client("s3")
assert other.get_object(Bucket="why403-org-web", Key="k")["Body"].read() == b"hello"
refused("EffectivePolicyNotFoundException", "", org.describe_effective_policy, PolicyType="S3_POLICY", TargetId=WEB)
org.attach_policy(PolicyId=bpa, TargetId=ROOT)
refused("AccessDenied", "", other.get_object, Bucket="why403-org-web", Key="k")
effective = org.describe_effective_policy(PolicyType="S3_POLICY", TargetId=WEB)["EffectivePolicy"]
assert json.loads(effective["PolicyContent"]) == {"s3_attributes": {"public_access_block_configuration": "all"}}, effective
assert effective["TargetId"] == WEB

# Invitations, to the other account of the estate that is in no organization.
lone = client("organizations", "AKIALONE000000000001", "lone/Secret+Key0000000000000000000000001")
LONE = "888899990000"
target = {"Id": LONE, "Type": "ACCOUNT"}
refused("HandshakeConstraintViolationException", "", org.invite_account_to_organization, reason="ALREADY_IN_AN_ORGANIZATION",
        Target={"Id": MEMBER, "Type": "ACCOUNT"})
refused("AccountNotFoundException", "", org.invite_account_to_organization, Target={"Id": "123412341234", "Type": "ACCOUNT"})
first = org.invite_account_to_organization(Target=target, Notes="come")["Handshake"]
assert first["State"] == "OPEN" and first["Action"] == "INVITE" and first["Id"].startswith("h-")
refused("DuplicateHandshakeException", "", org.invite_account_to_organization, Target=target)
refused("AccessDeniedException", "", org.accept_handshake, HandshakeId=first["Id"])
refused("HandshakeNotFoundException", "", member.accept_handshake, HandshakeId=first["Id"])
assert lone.decline_handshake(HandshakeId=first["Id"])["Handshake"]["State"] == "DECLINED"
refused("HandshakeAlreadyInStateException", "", lone.decline_handshake, HandshakeId=first["Id"])
refused("InvalidHandshakeTransitionException", "", lone.accept_handshake, HandshakeId=first["Id"])
second = org.invite_account_to_organization(Target=target)["Handshake"]["Id"]
assert {h["Id"] for h in lone.list_handshakes_for_account()["Handshakes"]} == {first["Id"], second}
assert {h["Id"] for h in org.list_handshakes_for_organization()["Handshakes"]} == {first["Id"], second}
lone.accept_handshake(HandshakeId=second)
assert org.describe_handshake(HandshakeId=second)["Handshake"]["State"] == "ACCEPTED"
assert org.describe_account(AccountId=LONE)["Account"]["JoinedMethod"] == "INVITED"
assert lone.describe_organization()["Organization"]["Id"] == made["Id"]
lone.leave_organization()
refused("AWSOrganizationsNotInUseException", "", lone.describe_organization)

# Tags, and the end.
org.tag_resource(ResourceId=WEB, Tags=[{"Key": "x", "Value": "y"}])
org.untag_resource(ResourceId=WEB, TagKeys=["team"])
assert org.list_tags_for_resource(ResourceId=WEB)["Tags"] == [{"Key": "x", "Value": "y"}]
refused("MasterCannotLeaveOrganizationException", "", org.remove_account_from_organization, AccountId=ME)
refused("OrganizationNotEmptyException", "", org.delete_organization)
org.remove_account_from_organization(AccountId=WEB)
refused("AccessDenied", "", other.put_object, Bucket="why403-org-web", Key="k")
assert other.get_object(Bucket="why403-org-web", Key="k")["Body"].read() == b"hello"
org.detach_policy(PolicyId=bpa, TargetId=ROOT)
for t in ("SERVICE_CONTROL_POLICY", "S3_POLICY"):
    for p in org.list_policies(Filter=t)["Policies"]:
        if not p["AwsManaged"]:
            org.delete_policy(PolicyId=p["Id"])
while parent != ROOT:
    up = org.list_parents(ChildId=parent)["Parents"][0]["Id"]
    org.delete_organizational_unit(OrganizationalUnitId=parent)
    parent = up
org.delete_organization()
refused("AWSOrganizationsNotInUseException", "", org.list_roots)
