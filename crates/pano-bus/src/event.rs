//! Events as the log carries them: CloudEvents 1.0 in the JSON format, one a line.
//!
//! An event may stand on the log more than once (whoever relays it died between writing and noting that it had), always with the
//! same [`CloudEvent::id`] and [`CloudEvent::sequence`]. A repetition never overtakes: in the order of the log, the first
//! occurrences have ascending sequences. So a consumer remembers the sequence of the last event that it has taken, in the
//! transaction of what it did, and passes over whatever is not greater.

use crate::Chunk;
use pano_types::Instant;
use pano_types::id::EventId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// An event with the attributes of CloudEvents 1.0. Members that a later version adds are passed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudEvent {
    /// The version of the specification.
    #[serde(default)]
    pub specversion: SpecVersion,
    /// Unique; a repetition has the same.
    pub id: EventId,
    /// The role that changed something, such as `/manager`.
    pub source: String,
    /// Reverse name, such as `panorama.version.published`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of what changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When.
    pub time: Instant,
    /// The form of `data`.
    #[serde(default)]
    pub datacontenttype: DataContentType,
    /// Particulars.
    pub data: Value,
    /// The trace it belongs to (extension "distributed tracing"; W3C Trace Context §3.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// Place among all events, from 1 (extension "sequence"). On the wire twenty digits, so that its text sorts as it does.
    #[serde(serialize_with = "digits", deserialize_with = "number")]
    pub sequence: u64,
}

/// The only version there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum SpecVersion {
    /// 1.0.
    #[default]
    #[serde(rename = "1.0")]
    V1,
}

/// The only form that we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DataContentType {
    /// JSON.
    #[default]
    #[serde(rename = "application/json")]
    Json,
}

fn digits<S: Serializer>(sequence: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{sequence:020}"))
}

fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
    text.parse().map_err(serde::de::Error::custom)
}

/// Events as lines of a log.
///
/// # Errors
/// When one cannot be written as JSON, which is a defect.
pub fn write(events: &[CloudEvent]) -> serde_json::Result<Vec<u8>> {
    let mut lines = Vec::with_capacity(events.len() * 512);
    for event in events {
        serde_json::to_writer(&mut lines, event)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// The events of a chunk.
///
/// # Errors
/// When a line is no event.
pub fn read(chunk: &Chunk) -> serde_json::Result<Vec<CloudEvent>> {
    chunk.lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(serde_json::from_slice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pano_types::clock::SeededEntropy;
    use serde_json::json;

    fn event(sequence: u64) -> CloudEvent {
        let at = Instant::from_unix_seconds(1_772_352_000);
        CloudEvent {
            specversion: SpecVersion::V1,
            id: EventId::new(at, &SeededEntropy::new(sequence)),
            source: "/manager".to_owned(),
            kind: "panorama.version.published".to_owned(),
            subject: Some("ver_1".to_owned()),
            time: at,
            datacontenttype: DataContentType::Json,
            data: json!({ "line": "first\nsecond", "zh": "发布" }),
            traceparent: None,
            sequence,
        }
    }

    /// The shape is a promise: what is on a log today must be read for ever.
    #[test]
    fn an_event_on_the_log_is_a_cloud_event() {
        let line = write(&[event(7)]).unwrap();
        let id = event(7).id;
        let expected = format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"/manager","type":"panorama.version.published","subject":"ver_1","time":"2026-03-01T08:00:00Z","datacontenttype":"application/json","data":{{"line":"first\nsecond","zh":"发布"}},"sequence":"00000000000000000007"}}"#
        );
        assert_eq!(String::from_utf8(line).unwrap(), format!("{expected}\n"));
    }

    #[test]
    fn what_was_written_is_read() {
        let events = [event(1), CloudEvent { subject: None, traceparent: Some("00-a-b-01".to_owned()), ..event(2) }];
        let lines = write(&events).unwrap();
        assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), 2, "a newline in the data ends no line");
        let chunk = Chunk { from: 0, to: lines.len() as u64, lines };
        assert_eq!(read(&chunk).unwrap(), events);
    }

    #[test]
    fn what_is_no_event_is_refused_and_what_is_new_is_passed_over() {
        let whole = serde_json::to_value(event(1)).unwrap();
        let with = |member: &str, value: Value| {
            let mut changed = whole.clone();
            changed[member] = value;
            serde_json::from_value::<CloudEvent>(changed)
        };
        assert_eq!(with("dataschema", json!("urn:x")).unwrap(), event(1));
        for (member, value) in [
            ("specversion", json!("2.0")),
            ("id", json!("ver_1")),
            ("sequence", json!("seven")),
            ("time", json!("yesterday")),
            ("datacontenttype", json!("text/plain")),
        ] {
            assert!(with(member, value).is_err(), "{member}");
        }
    }
}
