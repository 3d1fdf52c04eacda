"""OpenLineage's facets that count, and ours: the parts of an event that `openlineage` reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from governance.lineage.names import run_key, tidied


def _tidy(value: Any) -> Any:
    return tidied(value) if isinstance(value, str) else value


def _number_as_text(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def _key(value: Any) -> UUID:
    key = run_key(_number_as_text(value))
    if key is None:
        raise ValueError("is no id of a run")
    return key


Text = Annotated[str, Field(min_length=1), BeforeValidator(_tidy)]
Version = Annotated[Text, BeforeValidator(_number_as_text), WithJsonSchema({"type": ["string", "number"]})]
Key = Annotated[UUID, BeforeValidator(_key), WithJsonSchema({"type": "string"})]


class Part(BaseModel):
    """A part of an event: other fields are dropped. Names are made fit to keep (`governance.lineage.names`)."""

    model_config = ConfigDict(extra="ignore", strict=True)


class Facet(Part):
    deleted: bool | None = Field(None, alias="_deleted", description="True: the facet no longer holds.")


FacetKind = TypeVar("FacetKind", bound=Facet)


def unless_deleted(facet: FacetKind | None) -> FacetKind | None:
    """The facet, unless it says that it was deleted."""
    return None if facet is None or facet.deleted else facet


class VersionFacet(Facet):
    version: Version = Field(alias="datasetVersion")


class TypeFacet(Facet):
    type: Text = Field(alias="datasetType")


class ChangeFacet(Facet):
    change: Literal["ALTER", "CREATE", "DROP", "OVERWRITE", "RENAME", "TRUNCATE"] = Field(alias="lifecycleStateChange")


class Owner(Part):
    name: Text


class OwnershipFacet(Facet):
    owners: list[Owner] | None = None


class Identifier(Part):
    namespace: Text
    name: Text


class SymlinksFacet(Facet):
    identifiers: list[Identifier] | None = None


class PurposeFacet(Facet):
    purpose: Text


class ParentModelFacet(Facet):
    relation: Literal["fine_tuned", "distilled", "derived"]


class DeploymentFacet(Facet):
    place: Text
    recipient: Text | None = None
    ended: bool = False


class SubsetFacet(Facet):
    condition: dict[str, Any] = Field(alias="inputCondition")


class LineageSource(Part):
    """What feeds a dataset or a job. A job without a name is the event's own."""

    type: Text | None = None
    namespace: Text | None = None
    name: Text | None = None

    @property
    def is_own_job(self) -> bool:
        return (self.type or "").upper() == "JOB" and self.name is None


class LineageField(Part):
    inputs: list[LineageSource] | None = None


class LineageFacet(Facet):
    """What a dataset was made from, in full or field by field."""

    inputs: list[LineageSource] | None = None
    fields: dict[str, LineageField] | None = None

    @property
    def sources(self) -> Iterator[LineageSource]:
        yield from self.inputs or ()
        for field in (self.fields or {}).values():
            yield from field.inputs or ()


class LineageEntry(LineageFacet):
    """What a dataset, or with the type JOB a job, was made from."""

    type: Text | None = None
    namespace: Text | None = None
    name: Text | None = None


class LineageJobFacet(Facet):
    entries: list[LineageEntry] | None = None


class DatasetFacets(Part):
    version: VersionFacet | None = None
    type: TypeFacet | None = Field(None, alias="datasetType")
    change: ChangeFacet | None = Field(None, alias="lifecycleStateChange")
    ownership: OwnershipFacet | None = None
    symlinks: SymlinksFacet | None = None
    purpose: PurposeFacet | None = Field(None, alias="openBook_purpose")
    parent: ParentModelFacet | None = Field(None, alias="openBook_parent")
    lineage: LineageFacet | None = None


class InputFacets(Part):
    subset: SubsetFacet | None = None
    parent: ParentModelFacet | None = Field(None, alias="openBook_parent")


class ParentRun(Part):
    run_id: Key = Field(alias="runId")


class RootRun(Part):
    run: ParentRun


class ParentFacet(Facet):
    run: ParentRun
    root: RootRun | None = None

    @property
    def runs(self) -> list[UUID]:
        """The parent first, then the root, if it is another."""
        return [self.run.run_id] + ([self.root.run.run_id] if self.root else [])
