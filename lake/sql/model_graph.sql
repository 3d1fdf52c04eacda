-- The whole graph of models in one answer, without personal data: a list per kind of node and link.
select
    (select list({
        id: v.dataset_version, namespace: v.namespace, dataset: v.dataset, version: v.version, purpose: v.purpose,
        origin: v.origin, created_at: v.created_at, manifest_root: v.manifest_root
    } order by v.created_at, v.dataset, v.version) from dataset_versions v) as datasets,
    (select list({
        id: r.run, origin: r.origin, job: r.job, purpose: r.purpose, state: r.state, started_at: r.started_at,
        ended_at: r.ended_at
    } order by r.reported_at, r.run) from runs r) as runs,
    (select list({
        id: m.model_version, model: m.model, version: m.version, purpose: m.purpose, owner: m.owner, origin: m.origin,
        released_at: m.released_at, retired_at: m.retired_at
    } order by m.released_at, m.model, m.version) from model_versions m) as models,
    (select list(distinct {run: i.run, dataset_version: i.dataset_version, part: i.part}) from run_inputs i) as inputs,
    (select list(distinct {run: o.run, model_version: o.model_version}) from run_outputs o) as outputs,
    (select list(distinct {model_version: p.model_version, parent: p.parent, relation: p.relation})
        from model_parents p) as parents,
    (select list({
        model_version: d.model_version, place: d.place, recipient: d.recipient, since: d.since, until: d.until
    } order by d.since, d.place) from deployments d) as deployments,
    (select list({run: q.run, parent: q.parent, own: q.own}) from run_parents q) as parts,
    (select list({
        run: n.run, model: n.model, version: n.version, relation: n.relation, alias: n.alias
    }) from run_models n) as named,
    (select list({run: u.run, dataset_version: u.dataset_version, too_early: u.too_early})
        from run_unproven u) as unproven
