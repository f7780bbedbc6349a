"""The templates that Cairn brings: the forms that most logs use, as the body of a new record."""

MADR = """## Context and Problem Statement



## Decision Drivers

*

## Considered Options

*

## Decision Outcome

Chosen option: "", because

### Consequences

* Good, because
* Bad, because

### Confirmation



## Pros and Cons of the Options

### Option

* Good, because
* Bad, because

## More Information
"""

MADR_MINIMAL = """## Context and Problem Statement



## Considered Options

*

## Decision Outcome

Chosen option: "", because

### Consequences

* Good, because
* Bad, because
"""

NYGARD = """## Context



## Decision



## Consequences
"""

Y_STATEMENT = """## Decision

In the context of ,
facing ,
we decided for
and neglected ,
to achieve ,
accepting that .
"""

# Name -> what it is, and the body.
BUILTIN: dict[str, tuple[str, str]] = {
    "madr": ("MADR 4 with every section", MADR),
    "madr-minimal": ("MADR 4 with the sections it asks for", MADR_MINIMAL),
    "nygard": ("Context, decision and consequences, as Michael Nygard wrote them", NYGARD),
    "y-statement": ("One sentence: context, need, choice, alternatives, benefit and price", Y_STATEMENT),
}
