package org.fissionfusion.vision.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.fissionfusion.vision.dicom.DicomFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every official layout, made up small, is recognised and becomes the splits its recipe promises. */
class LayoutTest {
    private static final PreparationOptions SMALL =
            PreparationOptions.DEFAULT.withImageSize(8).withLeakage(LeakagePolicy.ERROR);

    @TempDir
    private Path folder;

    private LayoutFixture fixture() {
        return new LayoutFixture(folder.resolve("in"));
    }

    /** Sizes of the splits. */
    private static Map<String, Integer> sizes(Preparation.Prepared prepared) throws PreparationException {
        Map<String, Integer> sizes = new TreeMap<>();
        for (Map.Entry<Split, Path> file : prepared.files().entrySet()) {
            try (PreparedSet set = PreparedSet.open(file.getValue())) {
                sizes.put(file.getKey().wireName(), set.size());
            }
        }
        return sizes;
    }

    private Preparation.Prepared prepare(LayoutFixture fixture, Layout expected) throws PreparationException {
        ImageSource source = ImageSource.detect(fixture.root(), List.of(), 1);
        assertThat(source).isEqualTo(new ImageSource.Official(expected, fixture.root(), 1, Optional.empty()));
        return Preparation.inDomain(source, folder.resolve("out"), SMALL);
    }

    private PreparedSet outOfDomain(LayoutFixture fixture, Layout expected, List<String> classes)
            throws PreparationException {
        ImageSource source = ImageSource.detect(fixture.root(), List.of(), 1);
        assertThat(source)
                .isInstanceOfSatisfying(
                        ImageSource.Official.class,
                        official -> assertThat(official.layout()).isEqualTo(expected));
        Path file = folder.resolve("ood.safetensors");
        Preparation.outOfDomain(source, classes, file, SMALL);
        return PreparedSet.open(file);
    }

    private static byte[] cifarRecords(int labelBytes, int count, int seed) {
        byte[] bytes = new byte[count * (labelBytes + 3072)];
        for (int i = 0; i < count; i++) {
            int at = i * (labelBytes + 3072);
            bytes[at + labelBytes - 1] = (byte) (i % 2);
            Arrays.fill(bytes, at + labelBytes, at + labelBytes + 1024, (byte) (seed + i));
            Arrays.fill(bytes, at + labelBytes + 1024, at + labelBytes + 2048, (byte) 7);
        }
        return bytes;
    }

    @Test
    void readsCifar10AndHoldsOutATenthOfTraining() throws Exception {
        // Given
        LayoutFixture fixture = fixture().text("cifar-10-batches-bin/batches.meta.txt", "airplane", "automobile", "");
        for (int i = 1; i <= 5; i++) {
            fixture.bytes("cifar-10-batches-bin/data_batch_" + i + ".bin", cifarRecords(1, 4, 20 * i));
        }
        fixture.bytes("cifar-10-batches-bin/test_batch.bin", cifarRecords(1, 6, 200));

        // When
        Preparation.Prepared prepared = prepare(fixture, Layout.CIFAR_10);

        // Then
        assertThat(sizes(prepared)).isEqualTo(Map.of("train", 18, "validation", 2, "test", 6));
        try (PreparedSet test = PreparedSet.open(prepared.files().get(Split.TEST))) {
            assertThat(test.shape()).isEqualTo(new ImageShape(32, 32, 3));
            assertThat(test.images().image(1).asSlice(0, 3).toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly((byte) 201, 7, 0);
            assertThat(test.label(1)).isEqualTo(1);
            assertThat(test.metadata())
                    .containsEntry("resize", "none")
                    .containsEntry("seed", "1")
                    .containsKey("sourceDigest")
                    .doesNotContainKey("filter");
        }
    }

    @Test
    void readsTheFineLabelsOfCifar100AndFollowsASplitTable() throws Exception {
        // Given
        LayoutFixture fixture = fixture()
                .text("cifar-100-binary/fine_label_names.txt", "apple", "aquarium_fish")
                .bytes("cifar-100-binary/train.bin", cifarRecords(2, 4, 10))
                .bytes("cifar-100-binary/test.bin", cifarRecords(2, 2, 100))
                .table(
                        "splits.csv",
                        "image,split",
                        List.of(
                                "train/0,train",
                                "train/1,train",
                                "train/2,val",
                                "train/3,val",
                                "test/4,test",
                                "test/5,test"));
        Path splits = fixture.root().resolve("splits.csv");

        // When
        ImageSource source = new ImageSource.Official(Layout.CIFAR_100, fixture.root(), 0, Optional.of(splits));
        assertThatThrownBy(() -> Preparation.inDomain(source, folder.resolve("out"), SMALL))
                .hasMessageContaining("gives no split to 2 pictures, the first is 'test/0'");
        Files.writeString(
                splits, Files.readString(splits).replace("test/4", "test/0").replace("test/5", "test/1"));
        Preparation.Prepared prepared = Preparation.inDomain(source, folder.resolve("out"), SMALL);

        // Then
        assertThat(sizes(prepared)).isEqualTo(Map.of("train", 2, "validation", 2, "test", 2));
        assertThat(prepared.classNames()).containsExactly("apple", "aquarium_fish");
        try (PreparedSet train = PreparedSet.open(prepared.files().get(Split.TRAIN))) {
            assertThat(train.metadata()).doesNotContainKey("seed");
        }
    }

    @Test
    void readsCifar101AsAnOutOfDomainSet() throws Exception {
        // Given
        byte[] pixels = new byte[2 * 3072];
        Arrays.fill(pixels, 3072, pixels.length, (byte) 9);
        LayoutFixture fixture = fixture()
                .bytes(
                        "cifar10.1_v6_data.npy",
                        NpzFixture.npy("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 32, 32, 3), }", pixels))
                .bytes(
                        "cifar10.1_v6_labels.npy",
                        NpzFixture.npy(
                                "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }",
                                new byte[] {3, 0, 0, 0, 9, 0, 0, 0}));
        List<String> classes =
                List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

        // When
        try (PreparedSet set = outOfDomain(fixture, Layout.CIFAR_10_1, classes)) {
            // Then
            assertThat(set.size()).isEqualTo(2);
            assertThat(set.label(1)).isEqualTo(9);
            assertThat(set.images().image(1).get(ValueLayout.JAVA_BYTE, 3071)).isEqualTo((byte) 9);
            assertThat(set.metadata()).containsEntry("licence", "MIT");
        }
    }

    private LayoutFixture isic() throws Exception {
        LayoutFixture fixture = fixture();
        int image = 0;
        for (String part : List.of("Training", "Validation", "Test")) {
            List<String> rows = new ArrayList<>();
            for (int i = 0; i < 4; i++, image++) {
                fixture.picture("ISIC2018_Task3_%s_Input/ISIC_%d.jpg".formatted(part, image));
                rows.add("ISIC_%d,%s".formatted(image, i % 2 == 0 ? "1.0,0.0" : "0.0,1.0"));
            }
            fixture.table(
                    "ISIC2018_Task3_%s_GroundTruth/ISIC2018_Task3_%s_GroundTruth.csv".formatted(part, part),
                    "image,MEL,NV",
                    rows);
        }
        return fixture;
    }

    @Test
    void readsIsic2018WithLesionsAndWhatIsKnownOfThePatients() throws Exception {
        // Given
        LayoutFixture fixture = isic().table(
                        "ISIC2018_Task3_Training_LesionGroupings.csv",
                        "image,lesion_id,diagnosis_confirm_type",
                        List.of("ISIC_0,L1,histopathology", "ISIC_1,L2,follow up", "ISIC_2,L1,histopathology"))
                .table(
                        "HAM10000_metadata",
                        "lesion_id,image_id,dx,dx_type,age,sex,localization,dataset",
                        List.of(
                                "L1,ISIC_0,mel,histo,45.0,female,back,vidir_modern",
                                "L9,ISIC_8,nv,histo,,male,scalp,rosendahl"));

        // When
        Preparation.Prepared prepared = prepare(fixture, Layout.ISIC_2018);

        // Then
        assertThat(sizes(prepared)).isEqualTo(Map.of("train", 4, "validation", 4, "test", 4));
        assertThat(prepared.classNames()).containsExactly("MEL", "NV");
        try (PreparedSet train = PreparedSet.open(prepared.files().get(Split.TRAIN))) {
            assertThat(train.group(0)).isEqualTo(train.group(2)).isNotEqualTo(train.group(1));
            assertThat(train.metadata())
                    .containsEntry("licence", "CC BY-NC 4.0")
                    .doesNotContainKey("seed");
            Column age = train.images().column("age").orElseThrow();
            assertThat(age.levels().get(age.values()[0])).isEqualTo("40-59");
            assertThat(age.levels().get(age.values()[1])).isEqualTo("unknown");
        }
    }

    @Test
    void refusesALesionThatIsInTwoSplits() throws Exception {
        LayoutFixture fixture = isic().table(
                        "ISIC2018_Task3_Training_LesionGroupings.csv",
                        "image,lesion_id",
                        List.of("ISIC_0,L1", "ISIC_5,L1"));
        assertThatThrownBy(() -> prepare(fixture, Layout.ISIC_2018))
                .hasMessageContaining("train and validation share 0 equal pictures and 1 groups");
    }

    @Test
    void readsAptos2019() throws Exception {
        // Given
        LayoutFixture fixture = fixture();
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            fixture.picture("train_images/eye" + i + ".png");
            rows.add("eye%d,%d".formatted(i, i % 2 * 4));
        }
        fixture.table("train.csv", "id_code,diagnosis", rows);

        // When
        Preparation.Prepared prepared = prepare(fixture, Layout.APTOS_2019);

        // Then
        assertThat(sizes(prepared)).isEqualTo(Map.of("train", 22, "validation", 4, "test", 4));
        assertThat(prepared.classNames()).hasSize(5).startsWith("No DR").endsWith("Proliferative DR");
    }

    @Test
    void keepsBothEyesOfAnEyePacsPatientTogether() throws Exception {
        // Given
        LayoutFixture fixture = fixture();
        List<String> rows = new ArrayList<>();
        for (int patient = 0; patient < 12; patient++) {
            for (String eye : List.of("left", "right")) {
                fixture.picture("train/%d_%s.jpeg".formatted(patient, eye));
                rows.add("%d_%s,0".formatted(patient, eye));
            }
        }
        fixture.table("trainLabels.csv", "image,level", rows);

        // When
        Preparation.Prepared prepared = prepare(fixture, Layout.EYEPACS);

        // Then
        assertThat(sizes(prepared)).isEqualTo(Map.of("train", 20, "validation", 2, "test", 2));
        try (PreparedSet test = PreparedSet.open(prepared.files().get(Split.TEST))) {
            assertThat(test.group(0)).isEqualTo(test.group(1));
            assertThat(test.images().column("eye").orElseThrow().values()).containsExactly(0, 1);
        }
    }

    @Test
    void readsMessidorsOwnScale() throws Exception {
        LayoutFixture fixture = fixture()
                .picture("Base11/20051019_38557_0100_PP.tif")
                .picture("Base11/20051020_43808_0100_PP.tif")
                .table(
                        "Base11/Annotation_Base11.csv",
                        "Image name,Ophthalmologic department,Retinopathy grade,Risk of macular edema",
                        List.of(
                                "20051019_38557_0100_PP.tif,Service Ophtalmologie Lariboisiere,3,1",
                                "20051020_43808_0100_PP.tif,CHU de St Etienne,0,0"));
        try (PreparedSet set = outOfDomain(fixture, Layout.MESSIDOR, List.of("R0", "R1", "R2", "R3"))) {
            assertThat(set.label(0)).isEqualTo(3);
            assertThat(set.images().column("site").orElseThrow().levels())
                    .containsExactly("CHU de St Etienne", "Service Ophtalmologie Lariboisiere");
        }
    }

    @Test
    void preparesMessidorsOwnClassesForARequestThatRenamesThem() throws Exception {
        LayoutFixture fixture = fixture()
                .picture("Base11/a.tif")
                .table("Base11/Annotation_Base11.csv", "Image name,Retinopathy grade", List.of("a.tif,2"));
        ImageSource source = ImageSource.detect(fixture.root(), List.of(), 1);
        Path file = folder.resolve("out/test.safetensors");
        assertThatThrownBy(() -> Preparation.outOfDomain(source, Fundus.GRADES, file, SMALL))
                .hasMessageContaining("prepare --test-only keeps them");

        // When
        Preparation.testOnly(source, file, SMALL, PreparationListener.NOBODY);
        Path renamed = folder.resolve("renamed.safetensors");
        Adaptation grades =
                new Adaptation(Map.of("R0", "No DR", "R1", "Mild NPDR", "R2", "Severe NPDR", "R3", "ignore"), 1, 0);
        Preparation.adapt(file, Fundus.GRADES, grades, renamed);

        // Then
        try (PreparedSet own = PreparedSet.open(file);
                PreparedSet theirs = PreparedSet.open(renamed)) {
            assertThat(own.classNames()).containsExactly("R0", "R1", "R2", "R3");
            assertThat(own.label(0)).isEqualTo(2);
            assertThat(theirs.label(0)).isEqualTo(3);
        }
    }

    @Test
    void readsTheAdjudicatedGradesOfMessidor2() throws Exception {
        LayoutFixture fixture = fixture()
                .picture("IMAGES/a.png")
                .picture("IMAGES/b.JPG")
                .picture("IMAGES/c.png")
                .table(
                        "messidor_data.csv",
                        "image_id,adjudicated_dr_grade,adjudicated_dme,adjudicated_gradable",
                        List.of("a.png,4,0,1", "b.jpg,1,0,1", "c.png,,,0"))
                .text("messidor-2.csv", "left;right", "a.png;b.jpg");
        ImageSource source = ImageSource.detect(fixture.root(), List.of(), 1);

        // When
        Preparation.Prepared prepared =
                Preparation.outOfDomain(source, Fundus.GRADES, folder.resolve("ood.safetensors"), SMALL);

        // Then
        assertThat(prepared.excluded()).containsExactly("c.png: not gradable, says messidor_data.csv");
        try (PreparedSet set = PreparedSet.open(prepared.files().get(Split.TEST))) {
            assertThat(set.size()).isEqualTo(2);
            assertThat(set.group(0)).isEqualTo(set.group(1));
            assertThat(set.label(0)).isEqualTo(4);
        }
    }

    @Test
    void readsIdridWhoseTablesHaveEmptyColumnsAndRows() throws Exception {
        // Given
        LayoutFixture fixture = fixture();
        String header = "Image name,Retinopathy grade,Risk of macular edema ,,,";
        List<String> training = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            fixture.picture("B. Disease Grading/1. Original Images/a. Training Set/IDRiD_%02d.jpg".formatted(i));
            training.add("IDRiD_%02d,%d,0,,,".formatted(i, i % 2));
        }
        training.add(",,,,,");
        fixture.picture("B. Disease Grading/1. Original Images/b. Testing Set/IDRiD_01.jpg")
                .table(
                        "B. Disease Grading/2. Groundtruths/a. IDRiD_Disease Grading_Training Labels.csv",
                        header,
                        training)
                .table(
                        "B. Disease Grading/2. Groundtruths/b. IDRiD_Disease Grading_Testing Labels.csv",
                        header,
                        List.of("IDRiD_01,4,1,,,"));

        // When
        Preparation.Prepared prepared = prepare(fixture, Layout.IDRID);

        // Then
        assertThat(sizes(prepared)).isEqualTo(Map.of("train", 10, "validation", 2, "test", 1));
        try (PreparedSet test = PreparedSet.open(prepared.files().get(Split.TEST))) {
            assertThat(test.label(0)).isEqualTo(4);
        }
    }

    @Test
    void readsRsnaPneumoniaWithColumnsFromDicomHeaders() throws Exception {
        // Given
        LayoutFixture fixture = fixture();
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String patient = "p" + i;
            fixture.bytes(
                    "stage_2_train_images/" + patient + ".dcm",
                    DicomFixture.grey8(4, 4, i)
                            .with(0x0010_0040, "CS", i % 2 == 0 ? "F" : "M")
                            .with(0x0010_1010, "AS", "041Y")
                            .with(0x0018_5101, "CS", "PA")
                            .explicit());
            rows.add(patient + "," + (i < 6 ? "Normal" : "Lung Opacity"));
        }
        rows.add("p11,Lung Opacity");
        rows.add("p12,No Lung Opacity / Not Normal");
        fixture.table("stage_2_detailed_class_info.csv", "patientId,class", rows);

        // When
        Preparation.Prepared prepared = prepare(fixture, Layout.RSNA_PNEUMONIA);

        // Then
        assertThat(sizes(prepared)).isEqualTo(Map.of("train", 8, "validation", 2, "test", 2));
        assertThat(prepared.excluded()).containsExactly("1 pictures of 'No Lung Opacity / Not Normal'");
        try (PreparedSet train = PreparedSet.open(prepared.files().get(Split.TRAIN))) {
            assertThat(train.classNames()).containsExactly("Normal", "Lung Opacity");
            assertThat(train.images().columns()).extracting(Column::name).containsExactly("age", "sex", "view");
            assertThat(train.images().column("age").orElseThrow().levels()).containsExactly("40-59");
        }
    }

    private static final String FINDINGS =
            "No Finding,Enlarged Cardiomediastinum,Cardiomegaly,Lung Opacity,Lung Lesion,Edema,Consolidation,Pneumonia,"
                    + "Atelectasis,Pneumothorax,Pleural Effusion,Pleural Other,Fracture,Support Devices";

    @Test
    void readsTheFrontalFilmsOfChexpertWithUncertainAndBlankFindings() throws Exception {
        // Given
        String header = "Path,Sex,Age,Frontal/Lateral,AP/PA," + FINDINGS;
        LayoutFixture fixture = fixture()
                .picture("train/patient00001/study1/view1_frontal.jpg")
                .picture("train/patient00002/study1/view1_frontal.jpg")
                .picture("valid/patient64541/study1/view1_frontal.jpg")
                .table(
                        "train.csv",
                        header,
                        List.of(
                                "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,Female,68,Frontal,AP,1.0,,,,,,,,,0.0,,,,1.0",
                                "CheXpert-v1.0-small/train/patient00002/study1/view1_frontal.jpg,Male,87,Frontal,PA,,,-1.0,1.0,,-1.0,-1.0,,-1.0,,-1.0,,1.0,",
                                "CheXpert-v1.0-small/train/patient00002/study1/view2_lateral.jpg,Male,87,Lateral,,,,-1.0,1.0,,-1.0,-1.0,,-1.0,,-1.0,,1.0,"))
                .table(
                        "valid.csv",
                        header,
                        List.of(
                                "CheXpert-v1.0-small/valid/patient64541/study1/view1_frontal.jpg,Male,73,Frontal,AP,0.0,1.0,1.0,1.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0"));

        // When
        Preparation.Prepared prepared = prepare(fixture, Layout.CHEXPERT);

        // Then
        assertThat(sizes(prepared)).isEqualTo(Map.of("train", 2, "validation", 1));
        assertThat(prepared.excluded()).containsExactly("1 films that are not frontal");
        try (PreparedSet train = PreparedSet.open(prepared.files().get(Split.TRAIN))) {
            assertThat(train.classNames()).hasSize(13).doesNotContain("No Finding");
            Labels.Findings findings = (Labels.Findings) train.labels();
            assertThat(findings.values())
                    .startsWith(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
                    .endsWith(-2, -1, 1, -2, -1, -1, -2, -1, -2, -1, -2, 1, -2);
            assertThat(train.images().columns()).extracting(Column::name).containsExactly("age", "sex", "view");
            assertThat(train.metadata()).containsEntry("kind", "multilabel");
        }
    }

    @Test
    void readsTheOfficialTestSplitOfMimicCxr() throws Exception {
        // Given
        String labels =
                "subject_id,study_id,Atelectasis,Cardiomegaly,Consolidation,Edema,Enlarged Cardiomediastinum,Fracture,"
                        + "Lung Lesion,Lung Opacity,No Finding,Pleural Effusion,Pleural Other,Pneumonia,Pneumothorax,Support Devices";
        LayoutFixture fixture = fixture()
                .picture("files/p10/p10000032/s50414267/aa-1.jpg")
                .picture("files/p10/p10000032/s50414267/aa-2.jpg")
                .picture("files/p11/p11000032/s60414267/bb-1.jpg")
                .gzip(
                        "mimic-cxr-2.0.0-split.csv.gz",
                        "dicom_id,study_id,subject_id,split",
                        List.of(
                                "aa-1,50414267,10000032,test",
                                "aa-2,50414267,10000032,test",
                                "bb-1,60414267,11000032,validate"))
                .gzip(
                        "mimic-cxr-2.0.0-metadata.csv.gz",
                        "dicom_id,subject_id,study_id,ViewPosition",
                        List.of(
                                "aa-1,10000032,50414267,PA",
                                "aa-2,10000032,50414267,LATERAL",
                                "bb-1,11000032,60414267,AP"))
                .gzip(
                        "mimic-cxr-2.0.0-chexpert.csv.gz",
                        labels,
                        List.of("10000032,50414267,1.0,,,-1.0,,,,,,0.0,,,,", "11000032,60414267,,,,,,,,,1.0,,,,,"));
        List<String> names = Arrays.asList(FINDINGS.split(","));

        // When
        try (PreparedSet set = outOfDomain(fixture, Layout.MIMIC_CXR, names.subList(1, names.size()))) {
            // Then
            assertThat(set.size()).isEqualTo(1);
            Labels.Findings findings = (Labels.Findings) set.labels();
            assertThat(findings.value(0, names.indexOf("Atelectasis") - 1)).isEqualTo(Labels.Findings.PRESENT);
            assertThat(findings.value(0, names.indexOf("Edema") - 1)).isEqualTo(Labels.Findings.UNCERTAIN);
            assertThat(findings.value(0, names.indexOf("Pneumonia") - 1)).isEqualTo(Labels.Findings.BLANK);
        }
    }

    @Test
    void readsFindingsAndSubgroupsOfAnyTable() throws Exception {
        // Given
        LayoutFixture fixture = fixture();
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            fixture.picture("films/" + i + ".png");
            rows.add("%d,%d,%s,scanner %d,%s".formatted(i, i % 2, i % 3 == 0 ? "" : "-1", i % 2, i % 4 == 0 ? "" : i));
        }
        fixture.table("films.csv", "image,Edema,Fracture,device,Age", rows);
        ImageSource source = new ImageSource.Table(
                fixture.root().resolve("films.csv"),
                fixture.root().resolve("films"),
                new ImageSource.Columns(
                        "image",
                        List.of("Edema", "Fracture"),
                        Optional.empty(),
                        Optional.empty(),
                        List.of("device", "Age")),
                4);

        // When
        Preparation.Prepared prepared = Preparation.inDomain(source, folder.resolve("out"), SMALL);

        // Then
        assertThat(sizes(prepared)).isEqualTo(Map.of("train", 16, "validation", 2, "test", 2));
        try (PreparedSet train = PreparedSet.open(prepared.files().get(Split.TRAIN))) {
            assertThat(((Labels.Findings) train.labels()).values()).contains(Labels.Findings.BLANK);
            assertThat(train.images().column("device").orElseThrow().levels())
                    .containsExactly("scanner 0", "scanner 1");
            assertThat(train.images().column("Age").orElseThrow().levels()).containsExactly("0-19", "unknown");
            assertThat(train.metadata()).containsEntry("seed", "4");
        }
    }

    @Test
    void asksWhenAFolderLooksLikeSeveralLayouts() throws Exception {
        LayoutFixture fixture = fixture()
                .text("trainLabels.csv", "image,level")
                .text("messidor_data.csv", "image_id,adjudicated_dr_grade");
        assertThatThrownBy(() -> ImageSource.detect(fixture.root(), List.of(), 0))
                .hasMessageContaining("looks like each of eyepacs, messidor-2; prepare --layout says which");
    }

    @Test
    void namesTheLineOfAWrongValue() throws Exception {
        LayoutFixture fixture = fixture().table("trainLabels.csv", "image,level", List.of("1_left,0", "1_right,7"));
        Files.createDirectories(fixture.root().resolve("train"));
        assertThatThrownBy(() -> prepare(fixture, Layout.EYEPACS))
                .hasMessageContaining("trainLabels.csv:3: level is '7'; allowed are whole numbers of 0 to 4");
    }

    @Test
    void dividesTheSameWayForTheSameSeed() {
        List<Listing.Entry> entries = IntStream.range(0, 50)
                .mapToObj(i -> Listing.Entry.of("n" + i, new Picture.OfFile(Path.of("n" + i)), i % 3))
                .toList();
        assertThat(Listing.divide(entries, 5)).isEqualTo(Listing.divide(entries.reversed(), 5));
        assertThat(Listing.divide(entries, 5)).isNotEqualTo(Listing.divide(entries, 6));
    }
}
