"""Reads commands of the AWS CLI, one on each line, and lets the real CLI parse them
and botocore check their parameters. What would be sent is not."""
import contextlib
import io
import os
import shlex
import sys

os.environ.update(AWS_ACCESS_KEY_ID="AKIAEXAMPLE", AWS_SECRET_ACCESS_KEY="secret", AWS_DEFAULT_REGION="us-east-1", AWS_PAGER="")

import awscli.clidriver
import botocore.client


class Answer:
    status_code, headers = 200, {}


botocore.client.BaseClient._make_request = lambda self, *args: (Answer(), {})  # behind the check of the parameters
driver = awscli.clidriver.create_clidriver()
failed = False
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = driver.main(shlex.split(line)[1:])
        except SystemExit as e:
            status = e.code
    if status:
        failed = True
        print(line.strip(), "\n    ", err.getvalue().strip().splitlines()[-1:], flush=True)
sys.exit(1 if failed else 0)
