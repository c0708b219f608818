"""A session of boto3 with KMS: AWS_ENDPOINT_URL and the keys of the estate's
administrator are in the environment. It prints nothing and ends with status 0 when
all is as on AWS."""

import datetime
import json

import boto3
from botocore.exceptions import ClientError

ACCOUNT = "111122223333"
kms = boto3.client("kms")
s3 = boto3.client("s3")


def as_user(service, key, secret, **more):
    return boto3.client(service, aws_access_key_id=key, aws_secret_access_key=secret, **more)


nobody = as_user("kms", "AKIANOBODY0000000001", "nobody/Secret+Key00000000000000000000001")
partner = as_user("kms", "AKIAPARTNER000000001", "partner/Secret+Key0000000000000000000001")
root = as_user("kms", "AKIAROOT000000000001", "root/Secret+Key0000000000000000000000001")
NOBODY, PARTNER = f"arn:aws:iam::{ACCOUNT}:user/nobody", "arn:aws:iam::444455556666:user/partner"


def refused(code, message, call, **kwargs):
    try:
        call(**kwargs)
    except ClientError as e:
        got = e.response["Error"]
        assert got["Code"] == code, (code, got)
        assert message in got["Message"], (message, got)
        assert e.response["ResponseMetadata"]["HTTPStatusCode"] == 400, e.response
        return
    raise AssertionError(f"{call} {kwargs}: not refused with {code}")


# A key and how it is described.
meta = kms.create_key(Description="mine", Tags=[{"TagKey": "team", "TagValue": "data"}])["KeyMetadata"]
KEY, ARN = meta["KeyId"], meta["Arn"]
assert ARN == f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{KEY}" and meta["Enabled"] and meta["KeyState"] == "Enabled"
assert meta["KeyManager"] == "CUSTOMER" and meta["KeySpec"] == "SYMMETRIC_DEFAULT" and meta["Origin"] == "AWS_KMS"
assert meta["KeyUsage"] == "ENCRYPT_DECRYPT" and meta["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"] and meta["MultiRegion"] is False
assert abs((meta["CreationDate"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) < 60
assert kms.describe_key(KeyId=ARN)["KeyMetadata"]["Description"] == "mine"
assert KEY in [k["KeyId"] for k in kms.list_keys()["Keys"]]
assert kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"].startswith("mrk-")
rsa = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
assert rsa["SigningAlgorithms"] == ["RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512", "RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512"], rsa
signed = kms.sign(KeyId=rsa["KeyId"], Message=b"note", SigningAlgorithm="RSASSA_PSS_SHA_256")["Signature"]
assert kms.verify(KeyId=rsa["KeyId"], Message=b"note", Signature=signed, SigningAlgorithm="RSASSA_PSS_SHA_256")["SignatureValid"]
refused("UnsupportedOperationException", "ECC_SECG_P256K1", kms.create_key, KeySpec="ECC_SECG_P256K1", KeyUsage="SIGN_VERIFY")
pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
assert len(pages) >= 2 and len({k["KeyId"] for p in pages for k in p["Keys"]}) == sum(len(p["Keys"]) for p in pages)
kms.update_key_description(KeyId=KEY, Description="still mine")
assert kms.describe_key(KeyId=KEY)["KeyMetadata"]["Description"] == "still mine"

# Names that lead nowhere.
refused("NotFoundException", "Invalid keyId 'nonsense'", kms.describe_key, KeyId="nonsense")
refused("NotFoundException", f"Key 'arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000' does not exist",
        kms.describe_key, KeyId="00000000-0000-0000-0000-000000000000")
refused("NotFoundException", f"Alias arn:aws:kms:us-east-1:{ACCOUNT}:alias/none is not found.", kms.describe_key, KeyId="alias/none")
refused("NotFoundException", "Invalid arn us-east-1", boto3.client("kms", region_name="eu-west-1").describe_key, KeyId=ARN)

# Aliases.
kms.create_alias(AliasName="alias/mine", TargetKeyId=KEY)
refused("AlreadyExistsException", "already exists", kms.create_alias, AliasName="alias/mine", TargetKeyId=KEY)
refused("ValidationException", "", kms.create_alias, AliasName="mine", TargetKeyId=KEY)
refused("NotAuthorizedException", "", kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=KEY)
assert kms.describe_key(KeyId="alias/mine")["KeyMetadata"]["KeyId"] == KEY
assert kms.describe_key(KeyId=f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/mine")["KeyMetadata"]["KeyId"] == KEY
other = kms.create_key()["KeyMetadata"]
kms.update_alias(AliasName="alias/mine", TargetKeyId=other["KeyId"])
assert kms.describe_key(KeyId="alias/mine")["KeyMetadata"]["KeyId"] == other["KeyId"]
kms.update_alias(AliasName="alias/mine", TargetKeyId=KEY)
assert [a["AliasName"] for a in kms.list_aliases(KeyId=KEY)["Aliases"]] == ["alias/mine"]
assert {"alias/mine", "alias/data", "alias/aws/s3"} <= {a["AliasName"] for a in kms.list_aliases()["Aliases"]}

# The AWS managed key of S3 is there once it is named.
managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
assert managed["KeyManager"] == "AWS" and managed["KeyId"] in [k["KeyId"] for k in kms.list_keys()["Keys"]]
assert "kms:ViaService" in kms.get_key_policy(KeyId=managed["KeyId"])["Policy"]
refused("AccessDeniedException", "kms:Encrypt", kms.encrypt, KeyId="alias/aws/s3", Plaintext=b"x")
refused("AccessDeniedException", "kms:ScheduleKeyDeletion", kms.schedule_key_deletion, KeyId=managed["KeyId"])

# Encryption is bound to its context and its key.
context = {"purpose": "test", "Empty": ""}
sealed = kms.encrypt(KeyId="alias/mine", Plaintext=b"secret", EncryptionContext=context)
assert sealed["KeyId"] == ARN and sealed["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
assert opened["Plaintext"] == b"secret" and opened["KeyId"] == ARN
refused("InvalidCiphertextException", "", kms.decrypt, CiphertextBlob=sealed["CiphertextBlob"])
refused("InvalidCiphertextException", "", kms.decrypt, CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"purpose": "test"})
refused("InvalidCiphertextException", "", kms.decrypt, CiphertextBlob=b"nonsense")
refused("InvalidCiphertextException", "", kms.decrypt, CiphertextBlob=sealed["CiphertextBlob"][:-1] + b"!", EncryptionContext=context)
refused("IncorrectKeyException", "", kms.decrypt, CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context, KeyId=other["KeyId"])
refused("InvalidKeyUsageException", "", kms.encrypt, KeyId=KEY, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")
refused("InvalidKeyUsageException", "Sign", kms.sign, KeyId=KEY, Message=b"x", SigningAlgorithm="ECDSA_SHA_256")
refused("DryRunOperationException", "", kms.encrypt, KeyId=KEY, Plaintext=b"x", DryRun=True)
moved = kms.re_encrypt(CiphertextBlob=sealed["CiphertextBlob"], SourceEncryptionContext=context, DestinationKeyId=other["KeyId"],
                       DestinationEncryptionContext={"now": "here"})
assert moved["SourceKeyId"] == ARN and moved["KeyId"] == other["Arn"]
assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"now": "here"})["Plaintext"] == b"secret"
data = kms.generate_data_key(KeyId=KEY, KeySpec="AES_256", EncryptionContext=context)
assert len(data["Plaintext"]) == 32 and data["KeyId"] == ARN
assert kms.decrypt(CiphertextBlob=data["CiphertextBlob"], EncryptionContext=context)["Plaintext"] == data["Plaintext"]
assert len(kms.generate_data_key(KeyId=KEY, NumberOfBytes=100)["Plaintext"]) == 100
refused("ValidationException", "Please specify either number of bytes or key spec.", kms.generate_data_key, KeyId=KEY)
hidden = kms.generate_data_key_without_plaintext(KeyId=KEY, KeySpec="AES_128")
assert "Plaintext" not in hidden and len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == 16
for spec in ("RSA_2048", "ECC_NIST_P256", "ECC_NIST_EDWARDS25519"):
    twin = kms.generate_data_key_pair(KeyId=KEY, KeyPairSpec=spec, EncryptionContext=context)
    assert kms.decrypt(CiphertextBlob=twin["PrivateKeyCiphertextBlob"], EncryptionContext=context)["Plaintext"] == twin["PrivateKeyPlaintext"]
    assert twin["PublicKey"] and twin["KeyPairSpec"] == spec
assert "PrivateKeyPlaintext" not in kms.generate_data_key_pair_without_plaintext(KeyId=KEY, KeyPairSpec="ECC_NIST_P384")
refused("UnsupportedOperationException", "SM2", kms.generate_data_key_pair, KeyId=KEY, KeyPairSpec="SM2")
assert len(kms.generate_random(NumberOfBytes=7)["Plaintext"]) == 7

# States.
kms.disable_key(KeyId=KEY)
assert kms.describe_key(KeyId=KEY)["KeyMetadata"]["KeyState"] == "Disabled"
refused("DisabledException", f"{ARN} is disabled.", kms.encrypt, KeyId=KEY, Plaintext=b"x")
kms.enable_key(KeyId=KEY)
kms.encrypt(KeyId=KEY, Plaintext=b"x")
gone = kms.schedule_key_deletion(KeyId=other["KeyId"], PendingWindowInDays=7)
assert gone["KeyState"] == "PendingDeletion" and gone["KeyId"] == other["Arn"] and gone["PendingWindowInDays"] == 7
refused("KMSInvalidStateException", f"{other['Arn']} is pending deletion.", kms.encrypt, KeyId=other["KeyId"], Plaintext=b"x")
refused("KMSInvalidStateException", "is pending deletion.", kms.enable_key, KeyId=other["KeyId"])
assert kms.describe_key(KeyId=other["KeyId"])["KeyMetadata"]["DeletionDate"]
kms.cancel_key_deletion(KeyId=other["KeyId"])
assert kms.describe_key(KeyId=other["KeyId"])["KeyMetadata"]["KeyState"] == "Disabled"
refused("KMSInvalidStateException", "is not pending deletion.", kms.cancel_key_deletion, KeyId=other["KeyId"])
assert kms.get_key_rotation_status(KeyId=KEY)["KeyRotationEnabled"] is False
kms.enable_key_rotation(KeyId=KEY, RotationPeriodInDays=100)
assert kms.get_key_rotation_status(KeyId=KEY)["RotationPeriodInDays"] == 100
kms.disable_key_rotation(KeyId=KEY)

# Tags.
kms.tag_resource(KeyId=KEY, Tags=[{"TagKey": "a", "TagValue": "b"}])
kms.untag_resource(KeyId=KEY, TagKeys=["team"])
assert kms.list_resource_tags(KeyId=KEY)["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
refused("TagException", "aws:", kms.tag_resource, KeyId=KEY, Tags=[{"TagKey": "aws:x", "TagValue": "b"}])

# The key policy decides, and is kept to the letter.
default = json.loads(kms.get_key_policy(KeyId=KEY, PolicyName="default")["Policy"])
assert default["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
assert kms.list_key_policies(KeyId=KEY)["PolicyNames"] == ["default"]
refused("AccessDeniedException", f"User: {NOBODY} is not authorized to perform: kms:Encrypt on resource: {ARN} because no identity-based policy "
        "allows the kms:Encrypt action", nobody.encrypt, KeyId=KEY, Plaintext=b"x")
hidden_or_not = ("because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy "
                 "explicitly denies access")
refused("AccessDeniedException", f"User: {PARTNER} is not authorized to perform: kms:Encrypt on resource: {ARN} {hidden_or_not}",
        partner.encrypt, KeyId=ARN, Plaintext=b"x")
refused("AccessDeniedException", f"User: {PARTNER} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext {hidden_or_not}",
        partner.decrypt, CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
policy = """{ "Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
  {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:user/nobody"}, "Action": "kms:Encrypt", "Resource": "*",
   "Condition": {"StringEquals": {"kms:EncryptionContext:purpose": "test"}}},
  {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:Encrypt", "Resource": "*"}] }"""
kms.put_key_policy(KeyId=KEY, PolicyName="default", Policy=policy)
assert kms.get_key_policy(KeyId=KEY)["Policy"] == policy
nobody.encrypt(KeyId=KEY, Plaintext=b"x", EncryptionContext={"purpose": "test", "and": "more"})
refused("AccessDeniedException", "kms:Encrypt", nobody.encrypt, KeyId=KEY, Plaintext=b"x", EncryptionContext={"purpose": "other"})
refused("AccessDeniedException", "kms:Encrypt", nobody.encrypt, KeyId=KEY, Plaintext=b"x")
partner.encrypt(KeyId=ARN, Plaintext=b"x")
refused("AccessDeniedException", "", partner.decrypt, CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
refused("NotFoundException", "No such policy exists", kms.put_key_policy, KeyId=KEY, PolicyName="other", Policy=policy)
refused("MalformedPolicyDocumentException", "", kms.put_key_policy, KeyId=KEY, Policy="{")
refused("MalformedPolicyDocumentException", "invalid principals", kms.put_key_policy, KeyId=KEY, Policy=policy.replace("user/nobody", "user/none"))
locked = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": NOBODY}, "Action": "kms:*", "Resource": "*"}]})
refused("MalformedPolicyDocumentException", "The new key policy will not allow you to update the key policy in the future.",
        kms.put_key_policy, KeyId=KEY, Policy=locked)
out = kms.create_key(Policy=locked, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]
refused("AccessDeniedException", "kms:Encrypt", kms.encrypt, KeyId=out["KeyId"], Plaintext=b"x")
refused("AccessDeniedException", "kms:Encrypt", root.encrypt, KeyId=out["KeyId"], Plaintext=b"x")
nobody.encrypt(KeyId=out["KeyId"], Plaintext=b"x")

# Condition keys about the call and the key.
guarded = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"},
    {"Effect": "Allow", "Principal": {"AWS": NOBODY}, "Action": "kms:*", "Resource": "*", "Condition": {
        "StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT", "kms:CallerAccount": ACCOUNT},
        "Bool": {"kms:MultiRegion": "false"}}},
    {"Effect": "Deny", "Principal": {"AWS": NOBODY}, "Action": "kms:PutKeyPolicy", "Resource": "*", "Condition": {
        "Bool": {"kms:BypassPolicyLockoutSafetyCheck": "true"}}},
    {"Effect": "Deny", "Principal": {"AWS": NOBODY}, "Action": "kms:CreateGrant", "Resource": "*", "Condition": {
        "ForAnyValue:StringEquals": {"kms:GrantOperations": "Encrypt"}}},
    {"Effect": "Deny", "Principal": {"AWS": NOBODY}, "Action": "kms:ScheduleKeyDeletion", "Resource": "*", "Condition": {
        "NumericLessThan": {"kms:ScheduleKeyDeletionPendingWindowInDays": "30"}}},
    {"Effect": "Deny", "Principal": {"AWS": NOBODY}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {
        "StringNotEquals": {"kms:RequestAlias": "alias/guarded"}}},
    {"Effect": "Deny", "Principal": {"AWS": NOBODY}, "Action": "kms:TagResource", "Resource": "*", "Condition": {
        "ForAnyValue:StringNotEquals": {"aws:TagKeys": "team"}}}]})
held = kms.create_key(Policy=guarded)["KeyMetadata"]["KeyId"]
kms.create_alias(AliasName="alias/guarded", TargetKeyId=held)
nobody.put_key_policy(KeyId=held, Policy=guarded)
refused("AccessDeniedException", "with an explicit deny in a resource-based policy", nobody.put_key_policy, KeyId=held, Policy=guarded,
        BypassPolicyLockoutSafetyCheck=True)
nobody.create_grant(KeyId=held, GranteePrincipal=PARTNER, Operations=["Decrypt"])
refused("AccessDeniedException", "explicit deny", nobody.create_grant, KeyId=held, GranteePrincipal=PARTNER, Operations=["Decrypt", "Encrypt"])
refused("AccessDeniedException", "explicit deny", nobody.schedule_key_deletion, KeyId=held, PendingWindowInDays=7)
blob = nobody.encrypt(KeyId=held, Plaintext=b"x")["CiphertextBlob"]
refused("AccessDeniedException", "explicit deny", nobody.decrypt, CiphertextBlob=blob)
assert nobody.decrypt(CiphertextBlob=blob, KeyId="alias/guarded")["Plaintext"] == b"x"
nobody.tag_resource(KeyId=held, Tags=[{"TagKey": "team", "TagValue": "x"}])
refused("AccessDeniedException", "explicit deny", nobody.tag_resource, KeyId=held, Tags=[{"TagKey": "other", "TagValue": "x"}])
nobody.schedule_key_deletion(KeyId=held)

# Grants.
grant = kms.create_grant(KeyId=KEY, GranteePrincipal=NOBODY, RetiringPrincipal=NOBODY, Operations=["Decrypt", "CreateGrant"], Name="g",
                         Constraints={"EncryptionContextSubset": {"purpose": "test"}})
again = kms.create_grant(KeyId=KEY, GranteePrincipal=NOBODY, RetiringPrincipal=NOBODY, Operations=["Decrypt", "CreateGrant"], Name="g",
                         Constraints={"EncryptionContextSubset": {"purpose": "test"}})
assert again["GrantId"] == grant["GrantId"] and again["GrantToken"] != grant["GrantToken"]
assert nobody.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context, GrantTokens=[grant["GrantToken"]])["Plaintext"] == b"secret"
plain = kms.encrypt(KeyId=KEY, Plaintext=b"x")["CiphertextBlob"]
refused("AccessDeniedException", "kms:Decrypt", nobody.decrypt, CiphertextBlob=plain)
listed = kms.list_grants(KeyId=KEY)["Grants"]
assert len(listed) == 1 and listed[0]["GranteePrincipal"] == NOBODY and listed[0]["Operations"] == ["Decrypt", "CreateGrant"], listed
assert listed[0]["Constraints"] == {"EncryptionContextSubset": {"purpose": "test"}} and listed[0]["KeyId"] == ARN
assert listed[0]["IssuingAccount"] == f"arn:aws:iam::{ACCOUNT}:root"
narrow = {"EncryptionContextEquals": {"purpose": "test", "x": "y"}}
nobody.create_grant(KeyId=KEY, GranteePrincipal=PARTNER, Operations=["Decrypt"], Constraints=narrow)
refused("AccessDeniedException", "", nobody.create_grant, KeyId=KEY, GranteePrincipal=PARTNER, Operations=["Encrypt"], Constraints=narrow)
refused("AccessDeniedException", "", nobody.create_grant, KeyId=KEY, GranteePrincipal=PARTNER, Operations=["Decrypt"])
refused("InvalidArnException", "", kms.create_grant, KeyId=KEY, GranteePrincipal=NOBODY.replace("nobody", "none"), Operations=["Decrypt"])
refused("ValidationException", "Sign", kms.create_grant, KeyId=KEY, GranteePrincipal=NOBODY, Operations=["Sign"])
assert [g["GrantId"] for g in kms.list_retirable_grants(RetiringPrincipal=NOBODY)["Grants"]] == [grant["GrantId"]]
refused("AccessDeniedException", "kms:RetireGrant", kms.retire_grant, KeyId=ARN, GrantId=grant["GrantId"])
nobody.retire_grant(KeyId=ARN, GrantId=grant["GrantId"])
refused("AccessDeniedException", "kms:Decrypt", nobody.decrypt, CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=context)
for g in kms.list_grants(KeyId=KEY)["Grants"]:
    kms.revoke_grant(KeyId=KEY, GrantId=g["GrantId"])
assert kms.list_grants(KeyId=KEY)["Grants"] == []
refused("NotFoundException", "", kms.revoke_grant, KeyId=KEY, GrantId=grant["GrantId"])

# S3 follows at once.
s3.create_bucket(Bucket="why403-kms")
s3.put_object(Bucket="why403-kms", Key="k", Body=b"sealed", ServerSideEncryption="aws:kms", SSEKMSKeyId=ARN)
assert s3.get_object(Bucket="why403-kms", Key="k")["Body"].read() == b"sealed"
kms.disable_key(KeyId=KEY)
refused("KMS.DisabledException", "is disabled", s3.get_object, Bucket="why403-kms", Key="k")
kms.enable_key(KeyId=KEY)
s3.put_bucket_encryption(Bucket="why403-kms", ServerSideEncryptionConfiguration={
    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": out["Arn"]}}]})
try:
    s3.put_object(Bucket="why403-kms", Key="other", Body=b"x")
    raise AssertionError("the key policy lets nobody but nobody")
except ClientError as e:
    assert e.response["Error"]["Code"] == "AccessDenied" and "kms:GenerateDataKey" in e.response["Error"]["Message"], e.response
