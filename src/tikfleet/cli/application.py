"""The command line of Tikfleet: a client of the public API, no back doors."""

import typer

from tikfleet.cli import (
    account,
    callbacks,
    devices,
    enrolment,
    export,
    jobs,
    kinds,
    letters,
    library,
    logs,
    members,
    organisation,
    queries,
    records,
    runs,
    saved,
    sites,
    sources,
    telemetry,
)

_EPILOG = (
    "Exit codes: 0 it worked; 1 what was asked for failed; 2 usage; 3 not signed in or not permitted; 4 not found; "
    "5 the server or the network is not available. TIKFLEET_URL and TIKFLEET_TOKEN stand in for `tikfleet login`."
)


def build() -> typer.Typer:
    """A fresh application with the user's commands; whoever serves adds commands of its own."""
    root = typer.Typer(
        name="tikfleet",
        help="One API and one dashboard for every MikroTik router that an organisation owns.",
        epilog=_EPILOG,
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,
    )
    root.command()(account.login)
    root.command()(account.logout)
    root.command()(account.whoami)
    root.add_typer(devices.app, name="devices")
    root.add_typer(enrolment.app, name="enrol")
    root.command()(jobs.run)
    root.add_typer(_jobs(), name="jobs")
    root.command()(queries.query)
    root.add_typer(saved.app, name="queries")
    root.add_typer(runs.app, name="runs")
    root.add_typer(library.app, name="library")
    root.add_typer(callbacks.app, name="callbacks")
    root.add_typer(letters.app, name="letters")
    root.add_typer(sites.app, name="sites")
    root.add_typer(logs.app, name="logs")
    root.add_typer(sources.app, name="sources")
    root.add_typer(members.tokens, name="tokens")
    root.add_typer(members.people, name="people")
    root.add_typer(organisation.settings, name="settings")
    root.command()(telemetry.top)
    root.command()(telemetry.series)
    root.command()(records.audit)
    root.command()(records.events)
    root.command()(export.export)
    return root


def _jobs() -> typer.Typer:
    """What has been asked, and the typed kinds beside it."""
    group = typer.Typer(no_args_is_help=True, help="What has been asked of devices, and typed jobs to ask.")
    group.add_typer(jobs.app)
    group.command()(kinds.kinds)
    group.command("run")(kinds.run_kind)
    return group


app = build()
