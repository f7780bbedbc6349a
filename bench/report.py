"""What a run measured: printed as it comes, and kept in `bench/report.json` as one flat object."""

import json
import os
import platform
from dataclasses import dataclass, field
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).parent.parent
REPORT = Path(__file__).parent / "report.json"


def machine() -> str:
    """Return what the figures were measured on, in words."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    memory_gb = psutil.virtual_memory().total / 1e9
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory_gb:.0f} GB, {system}, Python {platform.python_version()}, "
        f"{load:.1f} processes already wanting to run"
    )


@dataclass
class Report:
    """Figures by name. A figure's name ends in its unit; `<name>.conditions` says how it was measured."""

    figures: dict[str, float | str] = field(default_factory=dict[str, float | str])
    missed: list[str] = field(default_factory=list[str])

    def title(self, text: str) -> None:
        """Begin a group of figures."""
        print(f"\n{text}")

    def say(self, text: str) -> None:
        """Print what is no figure."""
        print(f"  {text}")

    def add(
        self,
        name: str,
        value: float,
        conditions: str,
        *,
        below: float | None = None,
        at_least: float | None = None,
    ) -> None:
        """Keep and print a figure, with its target where there is one."""
        self.figures[name] = round(value, 3)
        self.figures[f"{name}.conditions"] = conditions
        target = ""
        if below is not None:
            self.figures[f"{name}.target_below"] = below
            met = value < below
            target = f"  target < {below:g}: {'met' if met else 'MISSED'}"
            if not met:
                self.missed.append(name)
        if at_least is not None:
            self.figures[f"{name}.target_at_least"] = at_least
            met = value >= at_least
            target = f"  target >= {at_least:g}: {'met' if met else 'MISSED'}"
            if not met:
                self.missed.append(name)
        print(f"  {name:<42}{value:>10.2f}{target}\n    {conditions}", flush=True)

    def write(self) -> None:
        """Write the report file."""
        REPORT.write_text(json.dumps(self.figures, indent=2) + "\n", encoding="utf-8")
