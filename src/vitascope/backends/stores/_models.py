"""The registry of trained models, as rows. Implements `base.ports.registry.ModelRegistry`; knows no file."""

from __future__ import annotations

from sqlalchemy import case, delete, select, update

from vitascope.backends.stores._database import COUNT_ROWS, Database
from vitascope.backends.stores._tables import models
from vitascope.base.errors import UnknownModel, UsageError
from vitascope.base.ranking import TrainedModel


class ModelRows:
    """Trained models with their evaluation; one of them is current."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, model: TrainedModel) -> None:
        """Keep a model. It does not become current: `promote` decides that. Raises UsageError for a known version."""
        row = {
            "version": model.version,
            "current": False,
            "body": model.model_copy(update={"current": False}),
        }
        statement = self._db.insert(models).values(row).on_conflict_do_nothing(index_elements=["version"])
        with self._db.write("models") as connection:
            if connection.execute(statement, execution_options=COUNT_ROWS).rowcount != 1:
                raise UsageError("a model of this version is there already", place=model.version)

    def promote(self, version: str) -> None:
        """Make a model the current one. Raises UnknownModel."""
        with self._db.write("models") as connection:
            self._number(
                version,
                connection.scalar(select(models.c.number).where(models.c.version == version)),
            )
            connection.execute(update(models).values(current=case((models.c.version == version, True), else_=False)))

    def current(self) -> TrainedModel | None:
        """The model that ranks now."""
        with self._db.read() as connection:
            row = connection.execute(select(models.c.body, models.c.current).where(models.c.current)).first()
        return None if row is None else _model(row.body, row.current)

    def get(self, version: str) -> TrainedModel | None:
        """A model by version."""
        with self._db.read() as connection:
            row = connection.execute(select(models.c.body, models.c.current).where(models.c.version == version)).first()
        return None if row is None else _model(row.body, row.current)

    def iter(self) -> list[TrainedModel]:
        """All, newest first."""
        with self._db.read() as connection:
            rows = connection.execute(select(models.c.body, models.c.current).order_by(models.c.number.desc())).all()
        return [_model(row.body, row.current) for row in rows]

    def remove(self, version: str) -> None:
        """Forget a model. Raises UnknownModel; UsageError for the current one."""
        with self._db.write("models") as connection:
            row = connection.execute(
                select(models.c.number, models.c.current).where(models.c.version == version)
            ).first()
            self._number(version, None if row is None else row.number)
            if row is not None and row.current:
                raise UsageError(
                    "this model is the current one",
                    place=version,
                    remedy="promote another first",
                )
            connection.execute(delete(models).where(models.c.version == version))

    @staticmethod
    def _number(version: str, number: int | None) -> None:
        if number is None:
            raise UnknownModel(
                "no trained model of this version",
                place=version,
                remedy="see `vitascope status`",
            )


def _model(body: TrainedModel, current: bool) -> TrainedModel:
    return body.model_copy(update={"current": current})
