"""OpenLineage's facets that count, and ours: the parts of an event that `openlineage` reads."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lake.lineage.graph import LONGEST_NAME


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("has characters that can't be printed")
    return text


Text = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_printable)]
Key = Annotated[UUID, Field(strict=False)]


class Part(BaseModel):
    """A part of an event: other fields are dropped; text is never converted from numbers, nor numbers from text."""

    model_config = ConfigDict(extra="ignore", strict=True, populate_by_name=True)


class Facet(Part):
    deleted: bool | None = Field(None, alias="_deleted", description="True: the facet no longer holds.")


FacetKind = TypeVar("FacetKind", bound=Facet)


def unless_deleted(facet: FacetKind | None) -> FacetKind | None:
    """The facet, unless it says that it was deleted."""
    return None if facet is None or facet.deleted else facet


class VersionFacet(Facet):
    version: Text = Field(alias="datasetVersion")


class TypeFacet(Facet):
    type: Text = Field(alias="datasetType")


class ChangeFacet(Facet):
    change: Literal["ALTER", "CREATE", "DROP", "OVERWRITE", "RENAME", "TRUNCATE"] = Field(alias="lifecycleStateChange")


class Owner(Part):
    name: Text


class OwnershipFacet(Facet):
    owners: list[Owner] | None = Field(None, max_length=100)


class Identifier(Part):
    namespace: Text
    name: Text


class SymlinksFacet(Facet):
    identifiers: list[Identifier] | None = Field(None, max_length=100)


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


class DatasetFacets(Part):
    version: VersionFacet | None = None
    type: TypeFacet | None = Field(None, alias="datasetType")
    change: ChangeFacet | None = Field(None, alias="lifecycleStateChange")
    ownership: OwnershipFacet | None = None
    symlinks: SymlinksFacet | None = None
    purpose: PurposeFacet | None = Field(None, alias="openBook_purpose")
    parent: ParentModelFacet | None = Field(None, alias="openBook_parent")


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
