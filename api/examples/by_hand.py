"""W8 by hand: a link written into the ledger's table by psql, past the service.

As the owner of the tables, on the socket of the private cluster. Whoever runs this must be root or
the user of writd, as for any psql there. Nothing is left behind: each attempt is rolled back.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

# A child of an existing link: every fact of the parent copied truthfully, only the authority ours.
INSERT = """
begin;
set local role writ_owner;
with parent as (
    select d.*, b.authority_json, b.terms_json
      from writ.delegation d
      join writ.body b on b.task_id = d.task_id and b.digest = d.digest
     where d.task_id = :'task' and d.id = :'parent'
), body as (
    insert into writ.body (task_id, authority_json, terms_json)
    select p.task_id, convert_to(:'authority', 'UTF8'), p.terms_json
      from parent p
    returning digest
), narrowing as (
    insert into writ.narrowing
        (task_id, parent_authority_json, parent_terms_json, authority_json, terms_json)
    select p.task_id, p.authority_json, p.terms_json, convert_to(:'authority', 'UTF8'),
           p.terms_json
      from parent p
)
insert into writ.delegation
    (task_id, id, parent_id, depth, max_depth, issued_at, expires_at, digest, token_hash, holder,
     agent, token, jti, admitted_by, parent_depth, parent_max_depth, parent_issued_at,
     parent_expires_at, parent_digest, parent_hash, parent_holder)
select p.task_id, gen_random_uuid(), p.id, p.depth + 1, p.max_depth, p.issued_at, p.expires_at,
       b.digest, sha256('by hand'), p.holder, p.agent, 'by hand', 'by hand', 'psql', p.depth,
       p.max_depth, p.issued_at, p.expires_at, p.digest, p.token_hash, p.holder
  from parent p, body b
returning 'inserted';
rollback;
"""


def postmaster(data_dir):
    """Where the private cluster listens: PostgreSQL's own postmaster.pid, lines 4 and 5."""
    lines = (Path(data_dir) / "pg/data/postmaster.pid").read_text().splitlines()
    return {"PGHOST": lines[4], "PGPORT": lines[3], "PGDATABASE": "writ", "PGUSER": "postgres"}


def is_possible(data_dir):
    return (Path(data_dir) / "pg/data/postmaster.pid").exists() and psql_program() is not None


def psql_program():
    installed = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin/psql")))
    return shutil.which("psql") or (installed[-1] if installed else None)


def insert_child(data_dir, task, parent, authority):
    """`inserted`, or what PostgreSQL said against it: the constraint by its name."""
    values = {"task": task, "parent": parent, "authority": json.dumps(authority)}
    command = [psql_program(), "-XqAt", "--set", "ON_ERROR_STOP=1"]
    for name, value in values.items():
        command += ["--set", f"{name}={value}"]
    environment = os.environ | postmaster(data_dir)
    run = subprocess.run(
        command, input=INSERT, capture_output=True, check=False, text=True, env=environment
    )
    if run.returncode == 0:
        return run.stdout.strip() or "no such parent"
    constraint = re.search(r'(?:check|foreign key|unique) constraint "\w+"', run.stderr)
    return constraint[0] if constraint else run.stderr.strip()
