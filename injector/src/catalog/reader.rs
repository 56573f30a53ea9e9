//! Reads the records of a catalog, line by line. The same said twice is harmless; a contradiction is refused.

use std::collections::{BTreeMap, BTreeSet};

use super::{Catalog, Content, Parcel, Referrer, Repository, fields};
use crate::digest::Digest;
use crate::names;

/// What was read so far. Maps, because they come out sorted.
#[derive(Default)]
struct Draft {
    secret: Option<String>,
    contents: BTreeMap<Digest, Content>,
    replaced: BTreeSet<Digest>,
    repositories: BTreeMap<String, BTreeMap<String, Digest>>,
    referrers: Vec<Referrer>,
    parcels: Vec<Parcel>,
}

/// Reads the whole text. The error names the line.
pub fn read(text: &str, identity: Digest) -> Result<Catalog, String> {
    let records = fields::records(text, "jackal-catalog 1")?;
    let mut draft = Draft::default();
    for (place, line) in records.enumerate() {
        draft.record(line).map_err(|reason| format!("line {}: {reason}", place + 2))?;
    }
    draft.finish(identity)
}

impl Draft {
    fn record(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').ok_or_else(|| format!("{line:?} is no record"))?;
        // Only a referrer's descriptor may hold spaces.
        let fields: Vec<&str> = rest.splitn(if word == "referrer" { 3 } else { usize::MAX }, ' ').collect();
        match (word, fields.as_slice()) {
            ("prefix", [secret]) => self.prefix(secret),
            ("manifest", [digest, size, media_type]) => self.manifest(digest, size, media_type),
            ("blob", [digest, size]) => self.content(digest, size).map(|content| content.blob = true),
            ("replaced", [digest]) => self.replaced(digest),
            ("repository", [name]) => self.repository(name).map(|_| ()),
            ("tag", [repository, tag, digest]) => self.tag(repository, tag, digest),
            ("referrer", [subject, artifact_type, descriptor]) => self.referrer(subject, artifact_type, descriptor),
            ("parcel", [name, bytes]) => self.parcel(name, bytes),
            ("chunk", [path, bytes, hex]) => self.chunk(path, bytes, hex),
            ("prefix" | "manifest" | "blob" | "replaced" | "repository" | "tag" | "referrer" | "parcel" | "chunk", _) => {
                Err(format!("a {word} record with {} fields", fields.len()))
            }
            _ => Err(format!("unknown record {word:?}")),
        }
    }

    fn prefix(&mut self, secret: &str) -> Result<(), String> {
        if secret.len() != 32 || !secret.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err("a prefix is 32 lower-case hex digits".into());
        }
        match self.secret.replace(secret.into()) {
            None => Ok(()),
            Some(_) => Err("a second prefix".into()),
        }
    }

    fn content(&mut self, digest: &str, bytes: &str) -> Result<&mut Content, String> {
        let digest = fields::digest(digest)?;
        let size = fields::size(bytes)?;
        let content = self.contents.entry(digest).or_insert(Content { digest, size, media_type: None, blob: false, replaced: false });
        if content.size != size {
            return Err(format!("{digest} was listed with {} bytes before", content.size));
        }
        Ok(content)
    }

    fn manifest(&mut self, digest: &str, size: &str, media_type: &str) -> Result<(), String> {
        names::check_media_type(media_type)?;
        let content = self.content(digest, size)?;
        match content.media_type.replace(media_type.into()) {
            Some(before) if before != media_type => Err(format!("{digest} was listed as {before} before")),
            _ => Ok(()),
        }
    }

    fn replaced(&mut self, digest: &str) -> Result<(), String> {
        self.replaced.insert(fields::digest(digest)?);
        Ok(())
    }

    fn repository(&mut self, name: &str) -> Result<&mut BTreeMap<String, Digest>, String> {
        names::check_repository(name)?;
        Ok(self.repositories.entry(name.into()).or_default())
    }

    fn tag(&mut self, repository: &str, tag: &str, digest: &str) -> Result<(), String> {
        names::check_tag(tag)?;
        let digest = fields::digest(digest)?;
        match self.repository(repository)?.insert(tag.into(), digest) {
            Some(before) if before != digest => Err(format!("{repository}:{tag} was {before} before")),
            _ => Ok(()),
        }
    }

    fn referrer(&mut self, subject: &str, artifact_type: &str, descriptor: &str) -> Result<(), String> {
        names::check_media_type(artifact_type)?;
        if !descriptor.starts_with('{') || !descriptor.ends_with('}') || descriptor.chars().any(char::is_control) {
            return Err("a referrer's descriptor is one JSON object".into());
        }
        let subject = fields::digest(subject)?;
        self.referrers.push(Referrer { subject, artifact_type: artifact_type.into(), descriptor: descriptor.into() });
        Ok(())
    }

    fn parcel(&mut self, name: &str, bytes: &str) -> Result<(), String> {
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err("a parcel without a name".into());
        }
        self.parcels.push(Parcel { name: name.into(), size: fields::size(bytes)?, chunks: Vec::new() });
        Ok(())
    }

    fn chunk(&mut self, path: &str, bytes: &str, hex: &str) -> Result<(), String> {
        let chunk = fields::chunk(path, bytes, hex)?;
        let parcel = self.parcels.last_mut().ok_or("a chunk before any parcel")?;
        parcel.chunks.push(chunk);
        Ok(())
    }

    /// The checks that need the whole: order between records is free.
    fn finish(mut self, identity: Digest) -> Result<Catalog, String> {
        for digest in &self.replaced {
            self.contents.get_mut(digest).ok_or_else(|| format!("{digest} is replaced, but not listed"))?.replaced = true;
        }
        for (repository, tags) in &self.repositories {
            for (tag, digest) in tags {
                if self.contents.get(digest).is_none_or(|content| content.media_type.is_none()) {
                    return Err(format!("{repository}:{tag} is {digest}, which is not listed as a manifest"));
                }
            }
        }
        for parcel in &self.parcels {
            let joined = parcel.chunks.iter().try_fold(0u64, |sum, chunk| sum.checked_add(chunk.size));
            if joined != Some(parcel.size) {
                return Err(format!("the chunks of parcel {} do not add up to {} bytes", parcel.name, parcel.size));
            }
        }
        let repositories = self.repositories.into_iter();
        Ok(Catalog {
            secret: self.secret.ok_or("it has no prefix record")?,
            contents: self.contents.into_values().collect(),
            repositories: repositories.map(|(name, tags)| Repository { name, tags: tags.into_iter().collect() }).collect(),
            referrers: self.referrers,
            parcels: self.parcels,
            identity,
        })
    }
}
