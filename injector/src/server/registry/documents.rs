//! The two JSON documents that are put together here. Every part was checked when the catalog was read, so none needs escaping.

use crate::catalog::{Catalog, Repository};
use crate::digest::Digest;
use crate::server::http::query;
use crate::server::http::response::{Answer, Status};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The tags of a repository: sorted, behind `last`, at most `n`, with a Link to the next page when there is more.
pub fn tags(secret: &str, repository: &Repository, query: &str) -> Answer {
    let name = &repository.name;
    let last = query::value(query, "last");
    let limit = query::value(query, "n").and_then(|text| text.parse::<usize>().ok());
    let mut rest = repository.tags.iter().map(|(tag, _)| tag.as_str()).filter(|tag| last.as_deref().is_none_or(|last| *tag > last));
    let page: Vec<&str> = rest.by_ref().take(limit.unwrap_or(usize::MAX)).collect();
    let list = page.iter().map(|tag| format!("\"{tag}\"")).collect::<Vec<String>>().join(",");
    let answer = Answer::json(Status::Ok, format!("{{\"name\":\"{secret}/{name}\",\"tags\":[{list}]}}"));
    match (limit, page.last(), rest.next()) {
        // Only a path: clients refuse a next page on another scheme or host.
        (Some(n), Some(last), Some(_)) => {
            answer.header("Link", format_args!("</v2/{secret}/{name}/tags/list?n={n}&last={last}>; rel=\"next\""))
        }
        _ => answer,
    }
}

/// The index of what refers to a subject; an empty one when nothing does, for 404 would mean that the question is not understood.
pub fn referrers(catalog: &Catalog, subject: Option<&Digest>, artifact_type: Option<String>) -> Answer {
    let all = catalog.referrers.iter().filter(|referrer| Some(&referrer.subject) == subject);
    let chosen = all.filter(|referrer| artifact_type.as_ref().is_none_or(|wanted| *wanted == referrer.artifact_type));
    let list = chosen.map(|referrer| referrer.descriptor.as_str()).collect::<Vec<&str>>().join(",");
    let body = format!("{{\"schemaVersion\":2,\"mediaType\":\"{INDEX}\",\"manifests\":[{list}]}}");
    let answer = Answer { content_type: INDEX.into(), ..Answer::json(Status::Ok, body) };
    if artifact_type.is_some() { answer.header("OCI-Filters-Applied", "artifactType") } else { answer }
}
