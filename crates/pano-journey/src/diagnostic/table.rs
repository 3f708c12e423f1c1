//! The table of codes.

use super::{Area, Severity};
use pano_types::Lang;

macro_rules! codes {
    ($($area:ident { $($variant:ident = $text:literal $severity:ident $en:literal $zh:literal ! $remedy_en:literal $remedy_zh:literal;)* })*) => {
        /// A stable code for a finding in a journey.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "a variant is explained by its texts")]
        pub enum Code { $($($variant),*),* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$($(Code::$variant),*),*];
            /// The stable text, `journey.what`.
            pub const fn text(self) -> &'static str {
                match self { $($(Code::$variant => concat!("journey.", $text)),*),* }
            }
            /// How much it matters.
            pub const fn severity(self) -> Severity {
                match self { $($(Code::$variant => Severity::$severity),*),* }
            }
            /// What it is about.
            pub const fn area(self) -> Area {
                match self { $($(Code::$variant => Area::$area),*),* }
            }
            /// What is wrong, in one line.
            pub const fn title(self, lang: Lang) -> &'static str {
                match (self, lang) { $($((Code::$variant, Lang::En) => $en, (Code::$variant, Lang::Zh) => $zh),*),* }
            }
            /// What to do about it.
            pub const fn remedy(self, lang: Lang) -> &'static str {
                match (self, lang) { $($((Code::$variant, Lang::En) => $remedy_en, (Code::$variant, Lang::Zh) => $remedy_zh),*),* }
            }
        }
    };
}

codes! {
    File {
        Encoding = "encoding" Error "The file is not UTF-8" "文件不是 UTF-8 编码"
            ! "Save it as UTF-8." "请以 UTF-8 编码保存。";
        Syntax = "syntax" Error "The file is neither YAML nor JSON" "文件既非合法 YAML 也非合法 JSON"
            ! "Correct it where the reader stopped; the mistake may begin a line earlier." "请更正读取停止处；错误可能始于上一行。";
        TooLarge = "too_large" Error "The file is larger than the limit" "文件超过大小上限"
            ! "Split the journey; a later one can begin with an event of this one." "请拆分旅程；后一旅程可由本旅程的事件触发。";
        TooDeep = "too_deep" Error "Values are nested deeper than the limit" "嵌套超过层数上限"
            ! "Flatten the states." "请减少状态嵌套。";
        TooManyValues = "too_many_values" Error "The file holds more values than the limit" "值的个数超过上限"
            ! "Split the journey." "请拆分旅程。";
        Alias = "alias" Error "Anchors and aliases are not used in journeys" "旅程文件不使用锚点与别名"
            ! "Write the value out: a reader must see what holds at a place." "请直接写出取值，让读者在原处看到内容。";
        Tag = "tag" Error "YAML tags are not used in journeys" "旅程文件不使用 YAML 标签"
            ! "Drop the tag; put text in quotes." "请去除标签；文本请加引号。";
        KeyDuplicate = "key_duplicate" Error "The same key stands twice" "键重复"
            ! "Keep one of them." "请只保留一个。";
        KeyUnknown = "key_unknown" Error "There is no such key here" "此处没有该键"
            ! "Correct the name; `panorama journey schema` lists the keys of every place." "请更正名称；`panorama journey schema` 列出各处可用的键。";
        KeyMissing = "key_missing" Error "A required key is missing" "缺少必需的键"
            ! "Add it." "请补充该键。";
        KeyBoolean = "key_boolean" Warning "Other YAML readers take this key for true or false" "其他 YAML 解析器会将该键读作布尔值"
            ! "Choose another name than on, off, yes or no." "请改用 on、off、yes、no 以外的名称。";
        ValueType = "value_type" Error "A value of another type belongs here" "值的类型不符"
            ! "Write what the detail asks for." "请按提示的类型书写。";
        ValueForm = "value_form" Error "The value has not the form that belongs here" "值的格式不符"
            ! "Write it in the form or as one of the words that the detail names." "请按提示的格式或取值书写。";
        DurationEmpty = "duration_empty" Error "The duration is of no length" "时长为零"
            ! "Write how long, such as PT15M or P30D." "请写明时长，例如 PT15M 或 P30D。";
    }
    Activities {
        BankMissing = "bank_missing" Error "Not exactly one party is the bank itself" "须有且仅有一个参与方为本行"
            ! "Give one party `kind: self`." "请将一个参与方标为 `kind: self`。";
        PartyUnknown = "party_unknown" Error "No such party is declared" "未声明该参与方"
            ! "Declare it under `parties` or correct the name." "请在 `parties` 中声明，或更正名称。";
        PartyIdle = "party_idle" Warning "The party does nothing in this journey" "该参与方在旅程中无任何动作"
            ! "Give it an event or a task, or remove it." "请为其指定事件或任务，或删除。";
        PartyAgreement = "party_agreement" Warning "A partner stands without a type of agreement" "合作方未注明协议类型"
            ! "Say which agreement covers its part: `agreement: distribution` and the like." "请注明覆盖其职责的协议，例如 `agreement: distribution`。";
        ActivityDuplicate = "activity_duplicate" Error "An activity or stage stands twice in the value chain" "价值链中活动或阶段重复"
            ! "Name each once." "请各命名一次。";
        ActivityBare = "activity_bare" Warning "Nobody knows who does the activity, and where" "未说明活动由谁在何处进行"
            ! "Say `who`, `touchpoint` and `expectation`." "请补充 `who`、`touchpoint` 与 `expectation`。";
        StageUnknown = "stage_unknown" Error "No such stage is in the value chain" "价值链中没有该阶段"
            ! "Add the stage or correct the name." "请补充该阶段或更正名称。";
        StageEmpty = "stage_empty" Warning "The stage has no context: no event can happen in it" "该阶段没有情境，不会发生任何事件"
            ! "Add a context for it, or join it with its neighbour." "请为其增加情境，或并入相邻阶段。";
        ActivityUnknown = "activity_unknown" Error "No such activity is in the value chain" "价值链中没有该活动"
            ! "Add the activity or correct the name." "请补充该活动或更正名称。";
    }
    Contexts {
        ContextUnknown = "context_unknown" Error "No such context is declared" "未声明该情境"
            ! "Declare it under `contexts` or correct the name." "请在 `contexts` 中声明，或更正名称。";
        ContextIdle = "context_idle" Warning "No event happens in the context" "该情境中没有事件发生"
            ! "Name it in an event, or remove it." "请在事件中引用，或删除。";
        ContextLoop = "context_loop" Error "Contexts follow one another in a circle" "情境相互衔接成环"
            ! "Let `follows` point to earlier contexts only." "`follows` 只能指向更早的情境。";
        FactBare = "fact_bare" Warning "The fact has no type and no data class" "事实未注明类型与数据等级"
            ! "Write the facts as a map: `amount: {type: money, class: C2}`." "请以映射书写事实：`amount: {type: money, class: C2}`。";
        FactDiffers = "fact_differs" Error "The fact is declared in two contexts that do not agree" "同一事实在两个情境中的声明不一致"
            ! "Give it the same type and class in both, or two names." "请统一类型与等级，或使用不同名称。";
        FactUnknown = "fact_unknown" Error "No such fact is declared" "未声明该事实"
            ! "Declare it in a context or correct the name." "请在情境中声明，或更正名称。";
        FactLifetime = "fact_lifetime" Warning "Personal data without a lifetime" "个人数据未注明保存期限"
            ! "Say how long it is kept: `keep: P90D`." "请注明保存期限：`keep: P90D`。";
        FactUnwritten = "fact_unwritten" Warning "The fact is read, but no event brings it" "事实被读取，但没有事件带来它"
            ! "Say which event brings it: `from: {ticket.issued: data.destination}`." "请注明由哪个事件带来：`from: {ticket.issued: data.destination}`。";
        DataLeaves = "data_leaves" Error "C3 data would leave the bank in clear" "C3 数据将以明文离开本行"
            ! "Leave the fact out, or mark it `sealed: true`." "请去除该事实，或标注 `sealed: true`。";
    }
    Events {
        EventUnknown = "event_unknown" Error "No such event is declared" "未声明该事件"
            ! "Declare it under `events` or correct the name." "请在 `events` 中声明，或更正名称。";
        EventUnproduced = "event_unproduced" Warning "Nobody produces the event" "没有任务产生该事件"
            ! "Name it as `out` of a task of that party, or mark it `outside: true` when another system of the bank sends it." "请在该方任务的 `out` 中列出；若由行内其他系统发出，请标注 `outside: true`。";
        EventUnconsumed = "event_unconsumed" Warning "Nobody consumes the event" "没有状态或任务消费该事件"
            ! "Let a state or a task take it, or remove it." "请由状态或任务消费，或删除。";
        EventUncorrelated = "event_uncorrelated" Warning "The event comes from outside and cannot be led to its journey" "外部事件无法关联到旅程实例"
            ! "Say where the journey's key or subject stands in it: `cid: {trip_id: data.pnr}`." "请注明实例键或主体在其中的位置：`cid: {trip_id: data.pnr}`。";
        StartUncorrelated = "start_uncorrelated" Error "The event that starts a journey gives not both its subject and its key" "起始事件未同时给出主体与实例键"
            ! "Add both names of `instance` to its `cid`." "请在其 `cid` 中补充 `instance` 的两个名称。";
        GoalMissing = "goal_missing" Warning "No event is the goal of the journey" "没有事件被标为旅程目标"
            ! "Mark the one that the customer came for: `outcome: goal`." "请标注客户期望的结果：`outcome: goal`。";
    }
    Chart {
        StateAmbiguous = "state_ambiguous" Error "The name leads to more than one state" "状态名称不唯一"
            ! "Write the whole path, such as `money.quoted`." "请书写完整路径，例如 `money.quoted`。";
        StateUnreachable = "state_unreachable" Error "No move leads to the state" "没有迁移通向该状态"
            ! "Lead a move to it, or remove it." "请增加通向它的迁移，或删除。";
        StateDeadEnd = "state_dead_end" Error "The state is not final, and nothing leads out of it" "状态既非终态，也没有出路"
            ! "Mark it `final: true`, or say what moves on from it." "请标注 `final: true`，或补充后续迁移。";
        StateKind = "state_kind" Error "The state has keys that do not go together" "状态的键相互矛盾"
            ! "A state is plain, has `states`, has `regions`, is `final`, or keeps a `history`; only one of them." "状态只能是以下之一：普通、含 `states`、含 `regions`、`final`、`history`。";
        InitialUnknown = "initial_unknown" Error "The first state is missing or not one of the states" "初始状态缺失或不在其中"
            ! "Let `initial` name one of the states below." "请让 `initial` 指向其下的某个状态。";
        TargetUnknown = "target_unknown" Error "The move leads to no state" "迁移目标不存在"
            ! "Name a state of the same region, or a path from a region." "请使用同一区域内的状态名，或自区域起的路径。";
        TargetElsewhere = "target_elsewhere" Warning "The move leaves its region: all regions beside it begin anew" "迁移离开所在区域，并行区域将全部重新开始"
            ! "Raise an event that the other region takes." "请改为发出事件，由另一区域消费。";
        TargetsConflict = "targets_conflict" Error "A move leads to states that cannot hold at once" "迁移的多个目标不能同时成立"
            ! "Several targets must stand in different regions of one state." "多个目标须位于同一状态的不同区域。";
        FinalMissing = "final_missing" Warning "The region can never end" "该区域无法结束"
            ! "Lead some way to a final state." "请让某条路径通向终态。";
        MoveShadowed = "move_shadowed" Warning "The move is never taken: one before it takes the event under every condition" "迁移永不发生：其前的迁移已无条件消费该事件"
            ! "Put the guarded move first." "请将带条件的迁移放在前面。";
        MoveLoop = "move_loop" Error "Moves without an event lead round in a circle and never rest" "无事件迁移成环，永不停歇"
            ! "Let one of them wait for an event or a time." "请让其中之一等待事件或时间。";
        HistoryDefault = "history_default" Error "A history needs a state to begin with" "历史状态缺少默认状态"
            ! "Add `default`." "请补充 `default`。";
        DoneUnknown = "done_unknown" Error "A state that cannot end has a move for its end" "无法结束的状态设有 `done` 迁移"
            ! "Give it a final state, or drop `done`." "请增加终态，或去除 `done`。";
    }
    Guards {
        GuardSyntax = "guard_syntax" Error "The expression is not CEL" "表达式不是合法的 CEL"
            ! "Correct it; see https://cel.dev for the language." "请更正；语法见 https://cel.dev。";
        GuardType = "guard_type" Error "The types in the expression do not fit" "表达式类型不符"
            ! "Compare like with like; a guard is true or false." "请比较同类型的值；条件须为真或假。";
        GuardName = "guard_name" Error "The expression uses a name that means nothing here" "表达式使用了无意义的名称"
            ! "Use data (of the event), facts, states, event, and the functions size, has, contains, startsWith, endsWith, int, double, string." "可用：data（事件数据）、facts、states、event，以及函数 size、has、contains、startsWith、endsWith、int、double、string。";
        GuardState = "guard_state" Error "The expression asks for a state that does not exist" "表达式查询了不存在的状态"
            ! "Write the whole path: \"money.ready\" in states." "请写完整路径：\"money.ready\" in states。";
        GuardCost = "guard_cost" Error "The expression is larger or does more than a guard may" "表达式超出条件的限度"
            ! "Leave out macros that walk lists (all, exists, map, filter) and shorten it." "请去除遍历列表的宏（all、exists、map、filter）并缩短。";
        GuardUnwritten = "guard_unwritten" Warning "The fact may not be there yet when it is read" "读取时该事实可能尚不存在"
            ! "Ask with has(facts.x) first, or let an event bring it that always comes before." "请先用 has(facts.x) 判断，或由必先发生的事件带来。";
    }
    Tasks {
        TaskUnknown = "task_unknown" Error "No such task is declared" "未声明该任务"
            ! "Declare it under `tasks` or correct the name." "请在 `tasks` 中声明，或更正名称。";
        TaskIdle = "task_idle" Error "Nothing starts the task" "没有任何事件或接口触发该任务"
            ! "Say which event it takes (`in`), or open it as an interface (`api: true`)." "请注明消费的事件（`in`），或开放为接口（`api: true`）。";
        TaskForeign = "task_foreign" Error "The task puts out an event that another party sends" "任务产生了其他参与方的事件"
            ! "Move the task to that party, or correct the event's `by`." "请将任务归属该方，或更正事件的 `by`。";
        TaskPatience = "task_patience" Warning "The task waits for another house without a time limit" "任务依赖外部机构但未设时限"
            ! "Add `timeout`." "请补充 `timeout`。";
        TaskRetry = "task_retry" Error "The task is repeated without knowing when an attempt has failed" "任务可重试但未设单次时限"
            ! "Add `timeout` beside `retry`." "请在 `retry` 旁补充 `timeout`。";
        UndoMissing = "undo_missing" Warning "The task moves funds and nothing takes it back" "任务涉及资金却没有补偿操作"
            ! "Name the operation that undoes it: `undo: CurrencyExchange/Control`." "请注明撤销它的操作：`undo: CurrencyExchange/Control`。";
        MappingMissing = "mapping_missing" Error "The task is mapped to nothing" "任务未映射到任何能力"
            ! "Map it with `bian` or `capability`, or say that there is a `gap`." "请以 `bian` 或 `capability` 映射，或以 `gap` 注明缺口。";
        MappingTwice = "mapping_twice" Error "The task is mapped and called a gap at once" "任务既有映射又标为缺口"
            ! "Keep one of `bian`, `capability` and `gap`." "`bian`、`capability`、`gap` 只保留其一。";
        BianDomain = "bian_domain" Error "BIAN has no such service domain" "BIAN 中没有该服务域"
            ! "Correct the name; the detail guesses." "请更正名称；提示给出近似项。";
        BianOperation = "bian_operation" Error "The service domain has no such operation" "该服务域没有此操作"
            ! "Use one of its operations; the detail guesses." "请使用该域已有的操作；提示给出近似项。";
        BianAction = "bian_action" Error "The operation begins with no action term of BIAN" "操作不以 BIAN 动作词开头"
            ! "Begin it with Initiate, Update, Execute, Retrieve or another action term." "请以 Initiate、Update、Execute、Retrieve 等动作词开头。";
        BianUnknown = "bian_unknown" Warning "The service domain is not among those that can be checked here" "该服务域不在可核对的范围内"
            ! "Check it against the whole of the BIAN release." "请对照完整的 BIAN 版本核对。";
        CapabilityDuplicate = "capability_duplicate" Warning "Two tasks of one party are mapped to the same operation" "同一参与方的两个任务映射到同一操作"
            ! "Join them, or name the qualifier that tells them apart." "请合并，或以行为限定词区分。";
    }
    Interfaces {
        TaskClosed = "task_closed" Error "The operation opens a task that is not marked for it" "接口开放了未标注开放的任务"
            ! "Mark the task `api: true`." "请将任务标注为 `api: true`。";
        TaskUnopened = "task_unopened" Warning "The task is marked as an interface, but no operation opens it" "任务标为接口，但没有操作开放它"
            ! "Add an operation below `api`, or drop `api: true`." "请在 `api` 下增加操作，或去除 `api: true`。";
        MethodMissing = "method_missing" Error "An operation has not exactly one method" "操作须有且仅有一个方法"
            ! "Write one of get, post, put, patch or delete with the path." "请以 get、post、put、patch、delete 之一书写路径。";
        RouteDuplicate = "route_duplicate" Error "Two operations have the same method and path" "两个操作的方法与路径相同"
            ! "Change one of the paths." "请修改其中一个路径。";
        PathTemplate = "path_template" Error "The braces of a path do not pair, or name a variable twice" "路径花括号不配对或变量重复"
            ! "Write each variable once, as a whole segment: /covers/{id}." "每个变量写一次，且占整段：/covers/{id}。";
        ScopeMissing = "scope_missing" Error "The operation needs no scope: every app might call it" "操作未要求授权范围，任何应用均可调用"
            ! "Add `scope`." "请补充 `scope`。";
        ControlWeak = "control_weak" Error "An A2 operation or one that moves funds asks for no strong authentication" "A2 级或涉及资金的操作未要求强认证"
            ! "Add `sca: required`." "请补充 `sca: required`。";
        IdempotencyMissing = "idempotency_missing" Warning "The operation moves funds, and repeating it would move them twice" "涉及资金的操作不具幂等性"
            ! "Add `idempotent: true`." "请补充 `idempotent: true`。";
        BodyOnRead = "body_on_read" Error "A request that only reads has a body" "只读请求带有请求体"
            ! "Drop `request`, or make it a post." "请去除 `request`，或改用 post。";
    }
    Steering {
        RegionUnknown = "region_unknown" Error "No such region is in the chart" "状态图中没有该区域"
            ! "Correct the name." "请更正名称。";
        PlaceUnknown = "place_unknown" Error "No such state is in the region" "该区域中没有该状态"
            ! "Correct the name." "请更正名称。";
        SteerEmpty = "steer_empty" Warning "The position changes nothing: no need, no offers, no controls" "该位置没有需求、产品或控制"
            ! "Say what it means, or remove it." "请补充含义，或删除。";
        SteerDuplicate = "steer_duplicate" Warning "The same position is steered twice" "同一位置重复导引"
            ! "Join the two." "请合并。";
        VariantAlike = "variant_alike" Warning "The variant differs in nothing" "变体没有任何差异"
            ! "Say for whom (`when`) and what is left out (`without`)." "请注明适用人群（`when`）与省略内容（`without`）。";
        SpanForm = "span_form" Error "A span of time is not written as event->event" "时段未写成 事件->事件"
            ! "Write the event that begins it and the one that ends it: fx.quoted->fx.bought." "请写起止事件：fx.quoted->fx.bought。";
        FunnelShort = "funnel_short" Warning "A funnel needs at least two different events" "漏斗至少需要两个不同事件"
            ! "Name the events on the way to the goal, in order." "请按顺序列出通向目标的事件。";
    }
}
