"""`autoae study fetch`: the run folders of a study from the bucket that its machines share."""

import typer

from autoae.cli import options
from autoae.cli.output import note
from autoae.spec.errors import SpecError
from autoae.store.shared import ENVIRONMENT


def fetch(study: options.Study, storage: options.Storage = None) -> None:
    """Bring the run folders here that other machines have copied into the bucket."""
    from autoae.cli.opened import opened
    from autoae.store.depot import depot_for
    from autoae.store.runs import run_root

    with opened(study, storage) as found:
        root = run_root(found.url)
        depot = depot_for(root, study)
        if depot is None:
            raise SpecError(
                f"{ENVIRONMENT} names no bucket to fetch from",
                hint=f"export {ENVIRONMENT}=s3://BUCKET/PREFIX, as on the machines of the study",
            )
        files = 0
        for trial in found.snapshot().trials:
            note(f"trial {trial.number}")
            files += depot.fetch(trial.number)
    typer.echo(f"{files} files in {root / study}")
