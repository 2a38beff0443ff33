#!/usr/bin/env bash
# moto 5.2.5: an export to S3 has data and no manifest.
# Guessed: as at AWS: manifest-summary.json and manifest-files.json beside data/*.json.gz, so that readers find the files.
# Seen:    one object, data/NAME.gz: no manifest, no .json in its name, an ExportArn that has the table's ARN inside of an ARN;
#          and without the optional S3Prefix a KeyError.
# Matters: a reader that follows the documented layout finds nothing; fixtures have to be made by hand.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check "moto[dynamodb,s3]==5.2.5" "boto3==1.44.8"
"$dir/venv/bin/python" - <<'PYTHON'
import gzip
import os

import boto3
import moto
from moto import mock_aws

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")
with mock_aws():
    db, s3 = boto3.client("dynamodb"), boto3.client("s3")
    s3.create_bucket(Bucket="exports-of-things")
    table = db.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]
    db.put_item(TableName="things", Item={"id": {"S": "1"}})
    db.update_continuous_backups(
        TableName="things", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    made = db.export_table_to_point_in_time(TableArn=table, S3Bucket="exports-of-things", S3Prefix="p", ExportFormat="DYNAMODB_JSON")
    try:
        db.export_table_to_point_in_time(TableArn=table, S3Bucket="exports-of-things", ExportFormat="DYNAMODB_JSON")
    except KeyError as error:
        without_prefix = f"KeyError {error}"
    objects = [each["Key"] for each in s3.list_objects_v2(Bucket="exports-of-things").get("Contents", [])]
    lines = gzip.decompress(s3.get_object(Bucket="exports-of-things", Key=objects[0])["Body"].read()).splitlines()
arn = made["ExportDescription"]["ExportArn"]
print(f"moto {moto.__version__}: {len(objects)} object, ends in {objects[0][-9:]!r}, {len(lines)} line; the ARN has {arn.count('arn:aws')} ARNs; {without_prefix}")
assert len(objects) == 1 and "/data/" in objects[0] and not objects[0].endswith(".json.gz")
assert "manifest" not in "".join(objects) and arn.count("arn:aws") == 2
PYTHON
