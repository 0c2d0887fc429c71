from cultivar.core.projects.evaluation_tables import class_measures, confusions


def test_the_pairs_of_classes_confused_are_listed_most_often_first() -> None:
    counts = {"a": {"a": 8, "b": 1}, "b": {"a": 2, "b": 5}, "c": {"c": 1}}
    assert confusions(counts) == [
        "2 of 10 documents of the class a: predicted as b",
        "1 of 6 documents of the class b: predicted as a",
    ]


def test_averages_come_last_and_count_no_document() -> None:
    measures = {"precision": 0.5, "recall": 1.0, "f1": 2 / 3}
    counts = {"true_positives": 2, "true_negatives": 5, "false_positives": 2, "false_negatives": 1}
    evaluation = {"classes": {"a": counts | measures}, "micro": measures, "macro": measures}
    found = class_measures(evaluation)
    assert [(each.name, each.is_average, each.tested) for each in found] == [
        ("a", False, 3),
        ("micro", True, None),
        ("macro", True, None),
    ]
