use super::*;
use proptest::prelude::*;

fn options(folder: &Path) -> Options {
    Options { segment_bytes: 64, fsync_interval_ms: 5, ..Options::new(folder) }
}

fn read_all(log: &FileLog, mut from: Position, step: usize) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let chunk = log.read(from, step).unwrap();
        assert_eq!(chunk.from, from);
        if chunk.to == from {
            return all;
        }
        all.extend_from_slice(&chunk.lines);
        from = chunk.to;
    }
}

#[test]
fn lines_come_back_in_order_over_segments_and_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = Vec::new();
    for round in 0..4 {
        let log = FileLog::open(options(folder.path())).unwrap();
        assert_eq!(log.end(), expected.len() as u64);
        for n in 0..20 {
            let line = format!("{{\"round\":{round},\"n\":{n}}}\n");
            expected.extend_from_slice(line.as_bytes());
            assert_eq!(log.append(line.as_bytes()).unwrap(), expected.len() as u64);
        }
        assert_eq!(read_all(&log, 0, 30), expected);
    }
    assert!(segment::list(folder.path()).unwrap().len() > 10);
}

#[test]
fn a_tail_torn_at_any_byte_is_cut_and_never_handed_out() {
    let (first, second) = (b"{\"n\":1}\n", b"{\"n\":2,\"long\":\"tail\"}\n");
    for cut in 0..=second.len() {
        let folder = tempfile::tempdir().unwrap();
        let path = {
            let log = FileLog::open(Options::new(folder.path())).unwrap();
            log.append(first).unwrap();
            log.append(second).unwrap();
            segment::list(folder.path()).unwrap().remove(0).path
        };
        File::options().write(true).open(&path).unwrap().set_len((first.len() + cut) as u64).unwrap();
        let log = FileLog::open(Options::new(folder.path())).unwrap();
        let whole = if cut == second.len() { first.len() + cut } else { first.len() };
        assert_eq!((log.end(), read_all(&log, 0, 9).len()), (whole as u64, whole), "cut at {cut}");
        log.append(b"{\"n\":3}\n").unwrap();
        assert!(read_all(&log, whole as u64, 100).starts_with(b"{\"n\":3}"));
    }
}

#[test]
fn a_full_log_refuses_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(Options { bytes_max: 10, ..Options::new(folder.path()) }).unwrap();
    log.append(b"12345\n").unwrap();
    assert!(matches!(log.append(b"67890\n"), Err(AppendError::Full(6))));
    assert_eq!(read_all(&log, 0, 100), b"12345\n");
    assert!(matches!(log.append(b"no newline"), Err(AppendError::NotLines)));
    assert!(matches!(log.append(b""), Err(AppendError::NotLines)));
}

#[test]
fn a_failed_write_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(options(folder.path())).unwrap();
    log.append(b"before\n").unwrap();
    {
        // A writer that the kernel refuses to write to, as a full disk does, after some bytes went out.
        let mut state = log.state();
        let path = state.segments.last().unwrap().path.clone();
        File::options().append(true).open(&path).unwrap().write_all(b"half a li").unwrap();
        state.writer = Arc::new(File::open("/dev/null").unwrap());
    }
    assert!(matches!(log.append(b"lost\n"), Err(AppendError::Io(_))));
    log.append(b"after\n").unwrap();
    assert_eq!(read_all(&log, 0, 100), b"before\nafter\n");
}

#[test]
fn consumed_segments_go_after_the_retention_only() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(Options { retention: Duration::from_secs(60), ..options(folder.path()) }).unwrap();
    for n in 0..20 {
        log.append(format!("{{\"number\":{n:04}}}\n").as_bytes()).unwrap();
    }
    let written = log.state().segments[0].written().unwrap();
    log.release(log.end(), written).unwrap();
    assert_eq!(log.start(), 0, "too young");
    log.release(0, written.plus(Duration::from_secs(3600))).unwrap();
    assert_eq!(log.start(), 0, "not consumed");
    log.release(log.end(), written.plus(Duration::from_secs(3600))).unwrap();
    assert!(log.start() > 200 && log.start() < log.end());
    assert!(matches!(log.read(0, 10), Err(ReadError::Outside { .. })));
    assert!(matches!(log.read(log.end() + 1, 10), Err(ReadError::Outside { .. })));
    assert!(!read_all(&log, log.start(), 10).is_empty());
}

#[test]
fn a_hole_is_read_across() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(options(folder.path())).unwrap();
    log.append(b"a\n").unwrap();
    log.skip_to(100).unwrap();
    log.skip_to(50).unwrap();
    assert_eq!(log.append(b"b\n").unwrap(), 102);
    assert_eq!(read_all(&log, 0, 100), b"a\nb\n");
    drop(log);
    assert_eq!(FileLog::open(options(folder.path())).unwrap().end(), 102);
}

#[test]
fn a_second_process_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(options(folder.path())).unwrap();
    assert!(matches!(FileLog::open(options(folder.path())), Err(OpenError::InUse(_))));
    drop(log);
    FileLog::open(options(folder.path())).unwrap();
}

#[test]
fn writers_of_many_threads_do_not_tear_each_others_lines() {
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::open(Options { segment_bytes: 1000, ..options(folder.path()) }).unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let log = &log;
            scope.spawn(move || {
                for n in 0..200 {
                    log.append(format!("{writer}-{n}-a\n{writer}-{n}-b\n").as_bytes()).unwrap();
                }
            });
        }
    });
    let all = String::from_utf8(read_all(&log, 0, 77)).unwrap();
    let mut lines: Vec<_> = all.lines().collect();
    assert_eq!(lines.len(), 1600);
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 1600);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn any_batches_read_in_any_steps_give_the_same_lines(
        batches in prop::collection::vec("([a-z]{0,40}\n){1,4}", 1..20), step in 1usize..200, segment in 1u64..200,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let log = FileLog::open(Options { segment_bytes: segment, fsync_interval_ms: 50, ..Options::new(folder.path()) }).unwrap();
        for batch in &batches {
            log.append(batch.as_bytes()).unwrap();
        }
        prop_assert_eq!(read_all(&log, 0, step), batches.concat().into_bytes());
    }
}
