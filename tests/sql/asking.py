"""Asking PostgreSQL by psql: scripts in one session, rows, and plans."""

import json
import subprocess

# As every session of the service has them (service/postgres/db.c).
SESSION = """\
set search_path to writ, pg_catalog; set timezone to 'UTC'; set jit to off;
set plan_cache_mode to force_generic_plan; set enable_seqscan to off;
"""
SPLIT = "---- next ----"


class RefusedError(Exception):
    pass


def psql(*scripts, **variables):
    """Runs the scripts in one session, with psql's variables; what each printed."""
    command = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"]
    for name, value in variables.items():
        command += ["-v", f"{name}={value}"]
    text = f"\n\\echo '{SPLIT}'\n".join(scripts)
    run = subprocess.run(command, input=text, capture_output=True, text=True)
    if run.returncode != 0:
        raise RefusedError(run.stderr.strip())
    return run.stdout.split(f"{SPLIT}\n")


def rows(query, **variables):
    printed = psql(SESSION, f"{query};", **variables)[1]
    return [line.split("|") for line in printed.splitlines()]


def column(query, **variables):
    return [value for (value,) in rows(query, **variables)]


def execute(sql, parameters, how=""):
    """As psql script; `how` may be an EXPLAIN."""
    arguments = f"({parameters})" if parameters else ""
    return f"prepare asked as {sql};\n{how}execute asked{arguments};\ndeallocate asked;\n"


def explain(sql, parameters):
    return execute(sql, parameters, "explain (format json) ")


def plans(*explained):
    return [json.loads(printed)[0]["Plan"] for printed in psql(SESSION, *explained)[1:]]


def nodes(plan):
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)
