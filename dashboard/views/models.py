"""Models: which learned from your captures, by what path, the status of each, what is promised, how to check that."""

from __future__ import annotations

import streamlit as st

from api_client import Listing
from api_client.models import OwnModel
from dashboard import states, theme
from dashboard.ai_models import story
from dashboard.ai_models.cards import draw_models
from dashboard.ai_models.violations_panel import draw_no_violation, draw_violations
from dashboard.charts import lineage
from dashboard.charts.drawing import draw_chart
from dashboard.charts.lineage_graph import graph, graph_sentence
from dashboard.language import t
from dashboard.paging import draw_more, gathered
from dashboard.scopes import selection
from dashboard.scopes.saved_views import draw_saved_views
from dashboard.sign_in import identity
from dashboard.sign_in.identity import Visitor
from dashboard.wording import EVIDENCE, EVIDENCE_MEANING, NOT_LEARNED
from lake.rules.scope import Scope
from queries import Lineage


def show(visitor: Visitor) -> None:
    st.title(t("AI models that used your data"), anchor=False)
    with visitor.at_once() as asked:
        own = asked.lineage()
    if not own.graph.models:
        states.empty(
            t("No model is known yet"),
            t("Models appear here once a training run is recorded, whether or not they used your data."),
            icon=":material/model_training:",
        )
        return
    models: Listing[OwnModel] = Listing.of((), 0)
    top = st.container()
    theme.answer(lineage.consumption_sentence(own))
    with states.guarded("models"), visitor.governance() as governance:
        models = gathered(governance.models, "models")
        violations = gathered(governance.violations, "violations")
        if violations:
            with top:
                draw_violations(violations, visitor)
        else:
            draw_no_violation()
        if said := story.withdrawn_sentence(models):
            st.markdown(said)
    _objecting()
    _picture(own, models)
    draw_models(visitor, models)
    draw_more(models, "models")
    draw_saved_views(visitor, "models")
    with st.expander(
        t("What proven, possible, unknown, older and not used mean"), icon=":material/help:", key="evidence"
    ):
        for evidence, meaning in EVIDENCE_MEANING.items():
            st.markdown(f"**{t(EVIDENCE[evidence])}.** {t(meaning)}")
        st.markdown(
            t(
                "All of this rests on what the training runs reported to this app. A model built from another is only "
                "as certain as the weakest step on the path to it. A model keeps what it learned when records are "
                "deleted. Only retraining it without them changes that."
            )
        )


def _objecting() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(t("Stop training on my data…"), icon=":material/block:", key="object_to_training"):
            selection.open_request("objection", Scope())
        st.caption(t("You see what it covers before anything happens."), width="content")


def _picture(own: Lineage, models: tuple[OwnModel, ...]) -> None:
    sentence = graph_sentence(own)
    if any(each.evidence not in NOT_LEARNED for each in own.reached.values()):
        st.header(t("How your records were used"), anchor=False)
        st.caption(f"{sentence} {t('Point at a model version to see the whole path to it.')}")
        draw_chart(graph(own), sentence, lambda: story.table(models), name="graph")


show(identity.visitor())
