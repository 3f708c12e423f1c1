"""Hooks of schemathesis for `./dev conform`: identifiers that exist, and days that are near.

What schemathesis makes up names nothing that is there, so nearly every call would end with 404. An identifier that it made up is
therefore put in the place of one that an answer told (same prefix), mostly; a day in the place of one around the sandbox's.
Requests that are meant to be wrong stay wrong: only what has the form of an identifier or of a day is changed.
"""

import datetime
import json
import os
import random
import re

import schemathesis

IDENTIFIER = re.compile(r"^([a-z]{3})_[0-9A-HJKMNP-TV-Z]{26}$")
DAY = re.compile(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?$")
KEPT = 2_000

chance = random.Random(int(os.environ.get("PANORAMA_CONFORM_SEED", "1")))
known: dict[str, list[str]] = {}


def learn(value):
    """Keeps every identifier in an answer."""
    if isinstance(value, dict):
        for member in value.values():
            learn(member)
    elif isinstance(value, list):
        for item in value:
            learn(item)
    elif isinstance(value, str) and (found := IDENTIFIER.match(value)):
        pool = known.setdefault(found[1], [])
        if value not in pool:
            pool.append(value)
            del pool[:-KEPT]


def real(value):
    """The value with identifiers that exist and days that are near."""
    if isinstance(value, dict):
        return {name: real(member) for name, member in value.items()}
    if isinstance(value, list):
        return [real(item) for item in value]
    if isinstance(value, str) and chance.random() < 0.9:
        if (found := IDENTIFIER.match(value)) and (pool := known.get(found[1])):
            # One that an answer told is meant: the next call of a sequence.
            return value if value in pool else chance.choice(pool)
        if found := DAY.match(value):
            day = datetime.date.today() + datetime.timedelta(days=chance.randint(-40, 200))
            return day.isoformat() + (found[1] or "")
    return value


with open(os.environ["PANORAMA_CONFORM_KNOWN"], encoding="utf-8") as file:
    learn(json.load(file))


@schemathesis.hook
def before_call(context, case, kwargs):
    case.path_parameters = real(case.path_parameters)
    case.query = real(case.query)
    if isinstance(case.body, (dict, list)):
        case.body = real(case.body)


@schemathesis.hook
def after_call(context, case, response):
    if "json" in (response.headers.get("content-type") or [""])[0]:
        learn(json.loads(response.content))
