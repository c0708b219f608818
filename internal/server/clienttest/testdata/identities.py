"""A session of boto3 with IAM and STS of the endpoint, by the root user of one
account whose keys are in the environment, and of another account whose keys are
the arguments. It prints nothing and ends with status 0 when all is as on AWS."""

import json
import sys
import time

import boto3
from botocore.exceptions import ClientError

iam, sts = boto3.client("iam"), boto3.client("sts")
other = boto3.Session(aws_access_key_id=sys.argv[1], aws_secret_access_key=sys.argv[2])
ACCOUNT, THEIRS = sts.get_caller_identity()["Account"], other.client("sts").get_caller_identity()["Account"]
assert (ACCOUNT, THEIRS) == ("111122223333", "444455556666")
BUCKET = "why403-identities"
boto3.client("s3").create_bucket(Bucket=BUCKET)


def refused(code, status, call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        got = e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"]
        assert got == (code, status), (got, e)
        return e.response["Error"]["Message"]
    raise AssertionError(f"{call} {kwargs}: not refused with {code}")


def policy(action, resource="*", effect="Allow", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": resource, **more}]})


def trust(principal, action="sts:AssumeRole", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}]})


def session(c):
    return boto3.Session(aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c.get("SessionToken"))


def login(client, name):
    return session(client.create_access_key(UserName=name)["AccessKey"])


# Users, their keys, and what they may.
alice = iam.create_user(UserName="alice", Path="/staff/", Tags=[{"Key": "team", "Value": "data"}])["User"]
assert alice["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/staff/alice" and alice["Tags"] == [{"Key": "team", "Value": "data"}]
assert iam.get_user(UserName="ALICE")["User"] == alice
refused("EntityAlreadyExists", 409, iam.create_user, UserName="Alice")
s3 = login(iam, "alice").client("s3")
message = refused("AccessDenied", 403, s3.put_object, Bucket=BUCKET, Key="k", Body=b"x")
assert message.endswith("because no identity-based policy allows the s3:PutObject action"), message
iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=policy("s3:*", f"arn:aws:s3:::{BUCKET}/${{aws:username}}/*"))
s3.put_object(Bucket=BUCKET, Key="alice/k", Body=b"x")
refused("AccessDenied", 403, s3.put_object, Bucket=BUCKET, Key="bob/k", Body=b"x")
assert iam.get_user_policy(UserName="alice", PolicyName="own")["PolicyDocument"] == json.loads(policy("s3:*", f"arn:aws:s3:::{BUCKET}/${{aws:username}}/*"))
assert iam.list_user_policies(UserName="alice")["PolicyNames"] == ["own"]
for i in range(5):
    iam.create_user(UserName=f"temp{i}", Path="/temp/")
pages = list(iam.get_paginator("list_users").paginate(PathPrefix="/temp/", PaginationConfig={"PageSize": 2}))
assert [len(p["Users"]) for p in pages] == [2, 2, 1] and all(u["CreateDate"] for p in pages for u in p["Users"])
keys = iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]
assert [k["Status"] for k in keys] == ["Active"] and keys[0]["CreateDate"]
assert iam.get_access_key_last_used(AccessKeyId=keys[0]["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"] == "s3"
iam.update_access_key(UserName="alice", AccessKeyId=keys[0]["AccessKeyId"], Status="Inactive")
refused("InvalidAccessKeyId", 403, s3.put_object, Bucket=BUCKET, Key="alice/k", Body=b"x")
iam.update_access_key(UserName="alice", AccessKeyId=keys[0]["AccessKeyId"], Status="Active")

# Groups and managed policies.
iam.create_group(GroupName="readers")
managed = iam.create_policy(PolicyName="read", PolicyDocument=policy(["s3:GetObject", "s3:ListBucket"]), Tags=[{"Key": "k", "Value": "v"}])["Policy"]
assert managed["DefaultVersionId"] == "v1" and managed["AttachmentCount"] == 0 and managed["CreateDate"]
iam.attach_group_policy(GroupName="readers", PolicyArn=managed["Arn"])
iam.add_user_to_group(GroupName="readers", UserName="alice")
assert [u["UserName"] for u in iam.get_group(GroupName="readers")["Users"]] == ["alice"]
assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="alice")["Groups"]] == ["readers"]
assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 1
assert iam.get_policy(PolicyArn=managed["Arn"])["Policy"]["AttachmentCount"] == 1
version = iam.get_policy_version(PolicyArn=managed["Arn"], VersionId="v1")["PolicyVersion"]
assert version["Document"] == json.loads(policy(["s3:GetObject", "s3:ListBucket"])) and version["IsDefaultVersion"]
iam.create_policy_version(PolicyArn=managed["Arn"], PolicyDocument=policy("s3:ListBucket", effect="Deny"), SetAsDefault=True)
message = refused("AccessDenied", 403, s3.list_objects_v2, Bucket=BUCKET)
assert message.endswith("with an explicit deny in an identity-based policy"), message
refused("DeleteConflict", 409, iam.delete_policy, PolicyArn=managed["Arn"])
refused("DeleteConflict", 409, iam.delete_group, GroupName="readers")
refused("DeleteConflict", 409, iam.delete_user, UserName="alice")
iam.attach_user_policy(UserName="temp0", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
assert [p["PolicyName"] for p in iam.list_attached_user_policies(UserName="temp0")["AttachedPolicies"]] == ["AmazonS3ReadOnlyAccess"]
assert [u["UserName"] for u in iam.list_entities_for_policy(PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")["PolicyUsers"]] == ["temp0"]
refused("NoSuchEntity", 404, iam.attach_user_policy, UserName="temp0", PolicyArn=f"arn:aws:iam::{ACCOUNT}:policy/none")
refused("NoSuchEntity", 404, iam.detach_user_policy, UserName="temp1", PolicyArn=managed["Arn"])

# Roles: in one account, and across two.
role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust({"AWS": [alice["Arn"], f"arn:aws:iam::{THEIRS}:root"]}), MaxSessionDuration=7200)["Role"]
assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"][0] == alice["Arn"]
assert iam.get_role(RoleName="worker")["Role"]["MaxSessionDuration"] == 7200  # CreateRole does not tell it
iam.put_role_policy(RoleName="worker", PolicyName="write", PolicyDocument=policy(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{BUCKET}/*"))
assumed = login(iam, "alice").client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="one", DurationSeconds=7200)
assert assumed["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one"
assert assumed["AssumedRoleUser"]["AssumedRoleId"] == role["RoleId"] + ":one"
worker = session(assumed["Credentials"])
worker.client("s3").put_object(Bucket=BUCKET, Key="worker", Body=b"x")
refused("AccessDenied", 403, worker.client("s3").list_objects_v2, Bucket=BUCKET)
refused("AccessDenied", 403, worker.client("sts").get_session_token)
refused("AccessDenied", 403, worker.client("iam").list_users)
refused("LimitExceeded", 409, iam.create_access_key, UserName="alice")

bob = other.client("iam").create_user(UserName="bob")["User"]
bobs = login(other.client("iam"), "bob")
refused("AccessDenied", 403, bobs.client("sts").assume_role, RoleArn=role["Arn"], RoleSessionName="bob")
other.client("iam").put_user_policy(UserName="bob", PolicyName="assume", PolicyDocument=policy("sts:AssumeRole", role["Arn"]))
session(bobs.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="bob", Policy=policy("s3:GetObject"))["Credentials"]).client("s3").get_object(Bucket=BUCKET, Key="worker")
limited = session(bobs.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="bob", Policy=policy("s3:GetObject"))["Credentials"])
message = refused("AccessDenied", 403, limited.client("s3").put_object, Bucket=BUCKET, Key="worker", Body=b"y")
assert message.endswith("because no session policy allows the s3:PutObject action"), message
refused("AccessDenied", 403, boto3.client("sts").assume_role, RoleArn=role["Arn"], RoleSessionName="root")
refused("NoSuchEntity", 404, other.client("iam").get_role, RoleName="worker")
refused("MalformedPolicyDocument", 400, iam.update_assume_role_policy, RoleName="worker", PolicyDocument=trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody-there"}))
iam.update_assume_role_policy(RoleName="worker", PolicyDocument=trust({"AWS": alice["Arn"]}))
refused("AccessDenied", 403, bobs.client("sts").assume_role, RoleArn=role["Arn"], RoleSessionName="bob")

# Across accounts both sides must allow.
theirs = bobs.client("s3")
refused("AccessDenied", 403, theirs.get_object, Bucket=BUCKET, Key="worker")
boto3.client("s3").put_bucket_policy(Bucket=BUCKET, Policy=trust({"AWS": bob["Arn"]}, "s3:GetObject", Resource=f"arn:aws:s3:::{BUCKET}/*"))
refused("AccessDenied", 403, theirs.get_object, Bucket=BUCKET, Key="worker")
other.client("iam").put_user_policy(UserName="bob", PolicyName="get", PolicyDocument=policy("s3:GetObject"))
assert theirs.get_object(Bucket=BUCKET, Key="worker")["Body"].read() == b"x"
other.client("iam").put_user_policy(UserName="bob", PolicyName="get", PolicyDocument=policy("s3:GetObject", effect="Deny"))
refused("AccessDenied", 403, theirs.get_object, Bucket=BUCKET, Key="worker")

# Sessions of users.
token = sts.get_session_token(DurationSeconds=900)["Credentials"]
assert 0 < token["Expiration"].timestamp() - time.time() <= 900
session(token).client("s3").put_object(Bucket=BUCKET, Key="root", Body=b"x")
refused("InvalidClientTokenId", 403, session(token).client("iam").list_users)
federated = sts.get_federation_token(Name="carol", Policy=policy("s3:GetObject"))
assert federated["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/carol"
session(federated["Credentials"]).client("s3").get_object(Bucket=BUCKET, Key="worker")
refused("AccessDenied", 403, session(federated["Credentials"]).client("s3").put_object, Bucket=BUCKET, Key="worker", Body=b"y")

# Instance profiles, providers, devices, the account.
iam.create_instance_profile(InstanceProfileName="worker")
iam.add_role_to_instance_profile(InstanceProfileName="worker", RoleName="worker")
assert iam.get_instance_profile(InstanceProfileName="worker")["InstanceProfile"]["Roles"][0]["RoleName"] == "worker"
refused("LimitExceeded", 409, iam.add_role_to_instance_profile, InstanceProfileName="worker", RoleName="worker")
refused("DeleteConflict", 409, iam.delete_role, RoleName="worker")
iam.remove_role_from_instance_profile(InstanceProfileName="worker", RoleName="worker")
iam.delete_instance_profile(InstanceProfileName="worker")
arn = iam.create_open_id_connect_provider(Url="https://token.example.com", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40])["OpenIDConnectProviderArn"]
assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com"
refused("EntityAlreadyExists", 409, iam.create_open_id_connect_provider, Url="https://token.example.com", ThumbprintList=["a" * 40])
iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="more")
assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == ["sts.amazonaws.com", "more"]
iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
refused("NoSuchEntity", 404, iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn)
device = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice")["VirtualMFADevice"]
assert device["QRCodePNG"].startswith(b"\x89PNG") and len(device["Base32StringSeed"]) == 64
refused("InvalidAuthenticationCode", 403, iam.enable_mfa_device, UserName="alice", SerialNumber=device["SerialNumber"], AuthenticationCode1="000000", AuthenticationCode2="000000")
iam.delete_virtual_mfa_device(SerialNumber=device["SerialNumber"])
iam.create_account_alias(AccountAlias="why403-prod")
refused("EntityAlreadyExists", 409, other.client("iam").create_account_alias, AccountAlias="why403-prod")
assert iam.list_account_aliases()["AccountAliases"] == ["why403-prod"]
iam.delete_account_alias(AccountAlias="why403-prod")
iam.create_login_profile(UserName="alice", Password="Correct-Horse-403", PasswordResetRequired=True)
refused("EntityAlreadyExists", 409, iam.create_login_profile, UserName="alice", Password="Correct-Horse-403")
refused("PasswordPolicyViolation", 400, iam.update_login_profile, UserName="alice", Password="short")
iam.delete_login_profile(UserName="alice")
refused("NoSuchEntity", 404, iam.get_account_password_policy)
iam.update_account_password_policy(MinimumPasswordLength=14, RequireNumbers=True)
assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 14
iam.delete_account_password_policy()
assert iam.get_account_summary()["SummaryMap"]["AccountAccessKeysPresent"] == 1

# Away with alice.
for k in iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]:
    iam.delete_access_key(UserName="alice", AccessKeyId=k["AccessKeyId"])
iam.remove_user_from_group(GroupName="readers", UserName="alice")
iam.delete_user_policy(UserName="alice", PolicyName="own")
iam.delete_user(UserName="alice")
refused("NoSuchEntity", 404, iam.get_user, UserName="alice")
kept = iam.get_role(RoleName="worker")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]
assert kept == alice["UserId"], kept
